def test_pages(charts, administrator):
    for a in ["/", "/patients", "/review", "/intake", "/users", "/log", f"/patients/{charts.ada.id}", f"/documents/{charts.lab}", f"/documents/{charts.lab}/pages/1/image", f"/documents/{charts.waiting}/pages/1/image", f"/documents/{charts.note}/pages/1/image", f"/documents/{charts.lab}/original", f"/review/{charts.waiting}", f"/review/{charts.lab}"]:
        r = administrator.get(a)
        print(a, r.status_code)
        assert r.status_code == 200, r.text
    r = administrator.search("potassium")
    assert r.status_code == 200
    print(r.text[2000:6000])
