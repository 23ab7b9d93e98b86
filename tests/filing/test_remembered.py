from filing_paper import page

from chartkeeper.filing.remembered import REMEMBERED_PAGES, forget_pages, remembered


def test_a_page_is_looked_at_once_until_it_is_forgotten():
    seen = []

    @remembered
    def words(one):
        seen.append(one.number)
        return len(one.words)

    pages = [page("Name: Sample, Ann", number=number) for number in range(1, REMEMBERED_PAGES + 1)]
    assert [words(one) for one in pages * 2] == [3] * 2 * len(pages)
    assert seen == [one.number for one in pages]
    forget_pages()
    words(pages[0])
    assert len(seen) == len(pages) + 1
