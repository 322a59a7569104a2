"""Names and units as pages show them: in the language of the page where the ledger has it, split as the core does."""

import pytest

from ledger.core.units import goods_unit
from ledger.web.convert import name_of, told, unit_of

BOTH = {"name": "银杏助老服务社", "name_en": "Ginkgo Eldercare", "purpose": "为老服务"}


@pytest.mark.parametrize(
    ("accepted", "name", "purpose"), [("en", "Ginkgo Eldercare", "为老服务"), ("zh", "银杏助老服务社", "为老服务")]
)
def test_names_are_in_the_language_of_the_page_where_the_ledger_has_them(app, accepted, name, purpose):
    with app.test_request_context(headers={"Accept-Language": accepted}):
        assert app.preprocess_request() is None
        assert name_of(BOTH) == name
        assert told(BOTH, "purpose") == purpose
        assert name_of({"title": "午餐"}) == "午餐"
        assert name_of({"name_en": ""}) == ""


def test_outside_of_a_page_names_are_as_written(app):
    app.test_client().get("/healthz", headers={"Accept-Language": "en"})
    assert name_of(BOTH) == "银杏助老服务社"


@pytest.mark.parametrize("code", ["N95口罩:个", "3M:1860口罩:个"])
def test_a_unit_of_goods_is_split_as_the_core_splits_it(code):
    unit = unit_of(code, None)
    assert goods_unit(unit.name, unit.measure, unit.scale).code == code


def test_money_and_hours_have_no_measure_in_their_code():
    assert [(unit_of(c, None).name, unit_of(c, None).kind) for c in ("CNY", "volunteer-hour")] == [
        ("CNY", "money"),
        ("volunteer-hour", "hours"),
    ]
