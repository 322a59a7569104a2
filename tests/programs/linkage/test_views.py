import pytest
import tinyhtml5

from ledger.people.actions import open_party
from ledger.programs.actions import award_grant, confirm_service
from ledger.programs.linkage import keeping, queries
from ledger.programs.linkage.chosen import Chosen
from ledger.programs.linkage.warning import ENOUGH
from ledger.web.fields import today
from tests.support.actors import sign_in
from tests.support.small import Small

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
HOURS = "volunteer-hour"
EN = {"Accept-Language": "en"}
PAGES = ["/b/linkage", "/b/linkage/communities/heping", "/b/linkage/projects/meals"]


@pytest.fixture
def small(engine):
    return Small(engine)


@pytest.fixture
def full(small):
    """A book whose linkage has something of everything."""
    small.give(90_000)
    small.give(600, source="source:volunteer", unit=HOURS, taker="fund:elder")
    small.grant("G1", 50_000)
    small.do(award_grant, "G2", organization="sunshine", fund="general", amount=700, project="meals")
    for n, used in enumerate(([("grant:G1", 9000, "CNY")], [("fund:general", 50, "CNY")], [])):
        small.day = small.day.replace(month=3 + n)
        small.serve(f"S{n}", [*used, ("source:volunteer", 60, HOURS)], confirm=("community", "worker")[: 2 - n])
    small.serve("S9", [("fund:general", 30, "CNY")], residents=3)
    return small


def text_of(response):
    root = tinyhtml5.parse(response.text, namespace_html_elements=False)
    return " ".join(" ".join(root.find(".//main").itertext()).split())


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_are_well_formed_in_both_languages(client, full, path, lang):
    answer = client.get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    root = tinyhtml5.parse(answer.text, namespace_html_elements=False)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    levels = [int(element.tag[1]) for element in root.iter() if element.tag in {"h1", "h2", "h3"}]
    assert levels[0] == 1
    assert max(levels) == 2
    for element in root.iter():
        assert not [key for key in element.attrib if key == "style" or key.startswith("on")]
        for key in ("aria-labelledby", "for"):
            assert set(element.get(key, "").split()) <= set(ids)
        if str(element.tag).endswith("svg") and element.get("aria-hidden") != "true":
            assert element.get("aria-label")
    pictures = [element for element in root.iter() if (element.get("class") or "").startswith("lk ")]
    tables = [details for details in root.iter("details") if details.find(".//table") is not None]
    assert len(pictures) == 2 * len(tables) > 0


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_book_says_what_to_wait_for(client, small, path):
    answer = client.get(path, headers=EN)
    assert answer.status_code == 200
    assert "No service has been recorded yet." in answer.text


def test_the_overview_says_it_in_a_sentence_first(client, full):
    text = text_of(client.get("/b/linkage", headers=EN))
    assert "So far, 4 services are on the ledger; on average 2.5 of five parties are proven in each." in text
    assert "Most often volunteers (75%), least often organization (25%)." in text
    assert "¥7.00 is awarded in 1 grant and not yet paid" in text


def test_small_groups_stay_unsaid(client, full):
    for path in PAGES:
        text = text_of(client.get(path, headers=EN))
        assert "≥61" in text  # 60 and a group of three, which counts as one
        assert "63" not in text
    small = text_of(client.get("/b/linkage/communities/heping?year=2027", headers=EN))
    assert "No service fits" in small


def test_filters(client, full):
    def lead(query):
        text = text_of(client.get(f"/b/linkage?{query}", headers=EN))
        return text[text.index("Five-society linkage") :][:110]

    assert "In 2026, 4 services" in lead("year=2026")
    assert "No service fits" in lead("year=2025")
    assert "So far, 3 services" in lead("fund=general")
    assert "No service fits" in lead("fund=elder")
    assert "So far, 4 services" in lead("community=heping")
    assert "No service fits" in lead("community=nowhere")
    assert "From March 2026 to April 2026, 2 services".replace("March", "Mar").replace("April", "Apr") in lead(
        "since=2026-03&until=2026-04"
    )
    assert "From Mar 2026 to Apr 2026" in lead("since=2026-04&until=2026-03")
    assert client.get("/b/linkage?since=March").status_code == 400
    assert client.get("/b/linkage?year=26").status_code == 400


def test_a_unit_can_be_chosen(client, full):
    text = text_of(client.get(f"/b/linkage?unit={HOURS}", headers=EN))
    assert "3 h" in text
    assert "went straight from who gave it into services" in text


@pytest.mark.parametrize(
    "path", ["/nowhere/linkage", "/b/linkage/communities/x", "/b/linkage/projects/x", "/nowhere/linkage/projects/x"]
)
def test_what_is_not_there_is_not_found(client, small, path):
    assert client.get(path).status_code == 404


def test_every_figure_leads_somewhere(client, full):
    for path in PAGES:
        root = tinyhtml5.parse(client.get(path).text, namespace_html_elements=False)
        for link in root.find(".//main").iter("a"):
            to = link.get("href")
            if to.startswith("/"):
                assert client.get(to.split("#")[0]).status_code == 200, to


@pytest.mark.parametrize("path", PAGES)
def test_pages_cost_the_same_number_of_statements_for_any_number_of_services(app, client, full, path, query_count):
    from ledger.extensions import db  # noqa: PLC0415

    def cost():
        keeping.refresh(full.engine, "b")
        client.get(path)
        with app.app_context(), query_count(db.engine) as sent:
            client.get(path)
        return len([s for s in sent if s.startswith(("SELECT", "WITH"))])

    before = cost()
    for n in range(40):
        full.serve(f"M{n}", [("fund:general", 10, "CNY"), ("source:volunteer", 10, HOURS)])
    full.give_many(200)
    assert cost() == before < 30


# ------------------------------------------------------------------------------------ apart


@pytest.fixture
def apart(small):
    """A project where some services have only the community, others only volunteers."""
    small.do(open_party, "organization", "other", name="别处")
    for n in range(ENOUGH):
        small.serve(f"V{n}", [("source:volunteer", 60, HOURS)])
        small.serve(f"C{n}", [], confirm=("community",))
    return small


def test_parties_that_never_meet_are_told_of(client, apart):
    assert "Each beats their own drum." in text_of(client.get("/b/linkage/projects/meals", headers=EN))
    assert "In 1 project the parties never shared a service." in text_of(client.get("/b/linkage", headers=EN))
    apart.do(confirm_service, "V0", "community", "heping")
    assert "Each beats" not in text_of(client.get("/b/linkage/projects/meals", headers=EN))
    assert "never shared a service" not in text_of(client.get("/b/linkage", headers=EN))


def test_pairs_that_never_meet_are_told_of(client, apart):
    apart.serve("X", [], confirm=("community", "worker"))
    apart.do(confirm_service, "V0", "community", "heping")
    text = text_of(client.get("/b/linkage/projects/meals", headers=EN))
    assert "never in the same service: Social worker, Volunteers." in text


@pytest.mark.parametrize(
    ("role", "party", "sees"),
    [
        ("accountant", None, 4),
        ("auditor", None, 4),
        ("org_staff", "sunshine", 2),
        ("org_staff", "other", 0),
        ("community", "heping", 2),
        ("social_worker", "w01", 0),
    ],
)
def test_the_desk_shows_each_what_concerns_them(app, client, apart, role, party, sees):
    sign_in(app, client, role, party=party)
    answer = client.get("/b/desk/linkage", headers=EN)
    root = tinyhtml5.parse(answer.text, namespace_html_elements=False)
    found = root.findall(".//ul[@class='rows lk-warnings']/li")
    assert (answer.status_code, len(found)) == (200, sees)
    assert ("Nothing stands out" in answer.text) == (sees == 0)


def test_the_desk_is_for_staff(app, client, apart):
    assert client.get("/b/desk/linkage").status_code == 302
    sign_in(app, client, "donor")
    assert client.get("/b/desk/linkage").status_code == 403


def test_the_desk_can_be_narrowed_to_an_organization(app, client, apart):
    sign_in(app, client, "accountant")
    text = text_of(client.get("/b/desk/linkage?organization=sunshine", headers=EN))
    assert "So far, 6 services" in text
    text = text_of(client.get("/b/desk/linkage?organization=other&community=heping&fund=elder", headers=EN))
    assert "No service fits" in text


def test_what_waits_long_is_told_of(app, client, small):
    small.day = small.day.replace(year=2020)
    small.give(100_000)
    small.grant("G1", 40_000)
    small.do(award_grant, "G2", organization="sunshine", fund="general", amount=700)
    sign_in(app, client, "approver")
    text = text_of(client.get("/b/desk/linkage", headers=EN))
    assert "¥600.00 waits in the funds, the oldest for" in text
    assert "¥400.00 waits with organizations, the oldest for" in text
    assert "1 grant is not fully paid: ¥7.00" in text


# ------------------------------------------------------------------------------------ values


def page(engine, **chosen):
    from ledger.journal.read import snapshot  # noqa: PLC0415

    keeping.keep_up(engine, "b")
    with snapshot(engine) as connection:
        return queries.linkage_page(connection, "b", Chosen(**chosen), today())


def test_modes_are_compared_by_the_party_that_leads_the_project(engine, full):
    full.serve("L", [("fund:general", 5, "CNY")], project=[])
    found = {lead.lead: (lead.projects, lead.tally.services, lead.tally.money) for lead in page(engine).leads}
    assert found == {"organization": (1, 4, 9080), "volunteer": (0, 0, 0), "resource": (0, 0, 0), "": (0, 1, 5)}


def test_all_filters_at_once_agree_with_each_alone(engine, full):
    alone = page(engine).tally
    both = page(engine, community="heping", organization="sunshine", since="2026-01", until="2026-12").tally
    assert both == alone
    assert page(engine, fund="general").tally.money == alone.money


def test_the_first_proof_of_a_party_is_of_all_time(engine, full):
    firsts = [month.first for month in page(engine).months]
    assert sum(firsts) == 31
    later = page(engine, since="2026-04").months
    assert sum(month.first for month in later) == 0
