"""All that the desk can ask of this room."""

from ledger.programs.allocation.contracts import commands as contracts
from ledger.programs.allocation.decisions import commands as decisions
from ledger.programs.allocation.grants import commands as grants
from ledger.programs.allocation.needs import commands as needs
from ledger.programs.allocation.projects import commands as projects

COMMANDS = (
    *needs.COMMANDS,
    *decisions.COMMANDS,
    *projects.COMMANDS,
    *grants.COMMANDS,
    *contracts.COMMANDS,
)
