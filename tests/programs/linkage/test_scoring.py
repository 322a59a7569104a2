from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.programs.linkage.scoring import (
    BITS,
    EVERYBODY,
    Tally,
    each_alone,
    groups,
    keys_of,
    mask_of,
    score,
    strangers,
    total,
)
from ledger.web.pages import ELEMENTS

masks = st.integers(0, EVERYBODY)
services = st.lists(masks, min_size=1, max_size=12)
keys = st.sampled_from(ELEMENTS)


def tally_of(found):
    return total(Tally({mask: 1}, 100, 30, 5, 0, (1, 1, 1, 0)) for mask in found)


@given(masks)
def test_a_mask_is_its_parties(mask):
    assert mask_of(keys_of(mask)) == mask
    assert score(mask) == len(keys_of(mask)) <= 5


@given(services, st.data())
def test_more_evidence_never_lowers_a_figure(found, data):
    at, key = data.draw(st.integers(0, len(found) - 1)), data.draw(keys)
    before = tally_of(found)
    after = tally_of([mask | BITS[key] if n == at else mask for n, mask in enumerate(found)])
    assert score(found[at] | BITS[key]) >= score(found[at])
    assert after.mean >= before.mean
    assert after.points - before.points == (0 if found[at] & BITS[key] else 1)
    assert after.reach & before.reach == before.reach
    assert all(after.proven(one) >= before.proven(one) for one in ELEMENTS)
    assert after.confirmations >= before.confirmations


@given(services, masks)
def test_another_service_never_lowers_the_reach(found, mask):
    assert score(tally_of([*found, mask]).reach) >= score(tally_of(found).reach)


@given(services, masks)
def test_taking_a_service_back_takes_back_just_that(found, mask):
    with_it = tally_of([*found, mask])
    back = with_it + Tally({mask: -1}, -100, -30, -5, 0, (-1, -1, -1, 0))
    assert back == tally_of(found)


@given(st.lists(services, min_size=1, max_size=6))
def test_months_add_up_to_the_whole(months):
    whole = tally_of([mask for month in months for mask in month])
    added = total(map(tally_of, months))
    assert added == whole
    assert sum(tally_of(month).points for month in months) == whole.points


@given(services)
def test_groups_part_the_parties_that_took_part(found):
    parted = groups(found)
    assert sum(parted) == tally_of(found).reach
    assert sum(map(score, parted)) == score(tally_of(found).reach)
    for mask in found:
        assert sum(bool(mask & group) for group in parted) <= 1


@given(services, keys, keys)
def test_strangers_are_pairs_without_a_service_in_common(found, one, other):
    assume(ELEMENTS.index(one) < ELEMENTS.index(other))
    tally = tally_of(found)
    both = tally.proven(one) and tally.proven(other)
    assert ((one, other) in strangers(tally)) == bool(both and not tally.proven(one, other))


def test_the_mean_is_rounded_half_up():
    assert tally_of([1, 3]).mean == 15
    assert tally_of([31, 31, 15]).mean == 47
    assert tally_of([0]).mean == 0
    assert Tally().mean is None


def test_apart():
    community, organization, volunteer = BITS["community"], BITS["organization"], BITS["volunteer"]
    assert each_alone(tally_of([community, organization]))
    assert each_alone(tally_of([community, community]))
    assert each_alone(tally_of([community | organization, volunteer]))
    assert not each_alone(tally_of([community]))
    assert not each_alone(tally_of([community | organization, organization | volunteer]))
    assert not each_alone(tally_of([community | organization, 0]))
    assert not each_alone(Tally())


def test_a_share_is_never_rounded_away():
    assert tally_of([1, *[0] * 400]).share("community") == 1
    assert tally_of([0]).share("community") == 0
    assert tally_of([1, 1, 1]).share("community") == 100


def test_named_but_not_proven():
    tally = tally_of([BITS["community"], 0, 0])
    assert tally.unproven("community") == 2
    assert tally.unproven("resource") == 0
