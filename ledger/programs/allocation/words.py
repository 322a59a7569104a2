"""Words for what this room's facts say in codes."""

from ledger.web.labels import N_

NEED_STATES = {
    "open": N_("not met"),
    "partly": N_("partly met"),
    "met": N_("met"),
    "withdrawn": N_("withdrawn"),
}
NEED_CHIPS = {"open": "wait", "partly": "wait", "met": "done", "withdrawn": "off"}
RAISERS = {
    "community": N_("the community"),
    "organization": N_("an organization"),
    "worker": N_("a social worker"),
    "volunteer": N_("a volunteer"),
    "resident": N_("a resident"),
}
BODIES = {
    "committee": N_("Committee of the community fund"),
    "board": N_("Board of the foundation"),
    "residents": N_("Meeting of residents"),
}
RESULTS = {"adopted": N_("adopted"), "rejected": N_("not adopted")}
DOUBTS = {
    "few": N_("A committee of a community fund has at least five members."),
    "even": N_("A committee of a community fund has an odd number of members, so that votes decide."),
    "unsupervised": N_("The opinion of a supervisor is not recorded."),
}
GRANT_STATES = {"open": N_("under way"), "closed": N_("closed"), "reversed": N_("taken back")}
GRANT_CHIPS = {"open": "done", "closed": "off", "reversed": "off"}
INSTALMENT_STATES = {
    "paid": N_("paid"),
    "late": N_("overdue"),
    "soon": N_("due soon"),
    "later": N_("not yet due"),
}
INSTALMENT_CHIPS = {"paid": "done", "late": "late", "soon": "wait", "later": "off"}
OPEN_STATES = {"open": N_("under way"), "closed": N_("closed")}
CATEGORIES = {
    "direct": N_("Programme costs"),
    "administration": N_("Administration"),
    "fundraising": N_("Fundraising costs"),
}
CLAIM_CHOICES = {
    "all": N_("All services"),
    "claimable": N_("Can be claimed"),
    "claimed": N_("Claimed"),
    "mixed": N_("Partly out of the question"),
}
