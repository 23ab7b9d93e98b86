"""Every address of the application, filled in with what is there, and its least role."""

from werkzeug.routing import Rule

LEAST_ROLE = {
    "search": "staff",
    "viewer": "staff",
    "charts": "staff",
    "login": "staff",
    "password": "staff",
    "emergency": "staff",
    "restricting": "clerk",
    "review": "clerk",
    "aside": "clerk",
    "intake": "clerk",
    "batches": "administrator",
    "users": "administrator",
    "learning": "administrator",
    "log": "administrator",
    "emergencies": "administrator",
    "status": "administrator",
}
OPEN = {"health.health", "login.form", "login.log_in", "static"}
ORDER = ["nobody", "staff", "clerk", "administrator"]


def addresses(app, charts, search="none-such", more=None):
    """(endpoint, method, address) of every route; `more` are other things to put into them."""
    values = {
        "document_id": charts.lab,
        "page": 1,
        "patient_id": charts.ada.id,
        "name": search,
        "filename": "chartkeeper.css",
        "arrival_id": 999,
        "scan_id": 999,
        "page_id": 1,
        "batch_id": 1,
        "line": 999,
        "emergency_id": 999,
        **(more or {}),
    }
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            for method in sorted(rule.methods - {"HEAD"}):
                yield rule.endpoint, method, _address(rule, values)


def _address(rule: Rule, values):
    return rule.build({name: values[name] for name in rule.arguments})[1]


def is_open_to(endpoint, person):
    least = LEAST_ROLE.get(endpoint.split(".")[0])
    return endpoint in OPEN or (least and ORDER.index(person) >= ORDER.index(least))
