"""The desk's pages of gifts, from the form to the donor's page."""

import pytest


PAGES = ["gifts", "gifts/new", "earmarks", "campaigns", "campaigns/new", "lists", "lists/new"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_an_empty_book(people, path):
    answer = people["accountant"].get(f"/b/desk/{path}")
    assert answer.status_code == 200, answer.text[-3000:]
