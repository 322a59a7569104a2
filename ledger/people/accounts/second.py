"""The second factor: codes that an app makes (RFC 6238), and recovery codes for the day the phone is gone.

The table keeps a salt. The secret itself is made of it with the installation's key, so that the database, or a backup
of it, opens no account.
"""

from __future__ import annotations

import base64
import hmac
import io
from typing import TYPE_CHECKING

import pyotp
import segno
from sqlalchemy import delete, func, insert, select, update

from ledger.core.errors import MalformedError
from ledger.people.accounts import clock
from ledger.people.accounts.codes import hash_of, new_token, random_text
from ledger.people.accounts.tables import recovery_codes, users

if TYPE_CHECKING:
    from sqlalchemy import Connection

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off
SECRET_BYTES = 20
CODES = 10
GROUPS = 4  # of four letters: 80 bits
ISSUER = "善流 Shanliu"


class WrongCodeError(MalformedError):
    """Give a code that does not hold, or not any more."""


def new_salt() -> str:
    """Return the salt of a new second factor."""
    return new_token()


def secret_of(key: bytes, salt: str) -> str:
    """Return the secret that the phone keeps, base32."""
    made = hmac.digest(key, b"shanliu second factor\n" + salt.encode(), "sha256")[:SECRET_BYTES]
    return base64.b32encode(made).decode()


def address_of(key: bytes, salt: str, login: str) -> str:
    """Return what the square code says to the app."""
    return pyotp.TOTP(secret_of(key, salt)).provisioning_uri(name=login, issuer_name=ISSUER)


def picture(text: str) -> str:
    """Draw a square code as SVG."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=2, xmldecl=False, svgclass="qr", lineclass=None)
    return drawn.getvalue().decode()


def step_of(key: bytes, salt: str, code: str, after: int = 0) -> int | None:
    """Return the half minute that a code is of, later than `after`; None when it is of none near now."""
    typed = "".join(code.split())
    now = int(clock.now().timestamp()) // STEP
    generator = pyotp.TOTP(secret_of(key, salt))
    steps = range(max(after + 1, now - DRIFT), now + DRIFT + 1)
    found = [step for step in steps if hmac.compare_digest(generator.generate_otp(step).encode(), typed.encode())]
    return found[0] if found else None


def set_up(connection: Connection, user: str, key: bytes, salt: str, code: str) -> list[str]:
    """Turn the second factor on once a code shows that the phone has the secret; return the recovery codes."""
    step = step_of(key, salt, code)
    if step is None:
        raise WrongCodeError("This code is not right. Check the clock of your phone and type the code it shows now.")
    connection.execute(update(users).where(users.c.code == user).values(factor=salt, factor_step=step))
    return new_recovery_codes(connection, user)


def turn_off(connection: Connection, user: str) -> None:
    """Remove the second factor and its recovery codes."""
    connection.execute(update(users).where(users.c.code == user).values(factor=None, factor_step=0))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user == user))


def use(connection: Connection, user: str, key: bytes, code: str) -> bool:
    """Use a code up: true once for each, whoever else sends it at the same moment."""
    c = users.c
    row = connection.execute(select(c.factor, c.factor_step).where(c.code == user)).one()
    step = step_of(key, row.factor, code, row.factor_step) if row.factor else None
    if step is None:
        return False
    later = (c.code == user) & (c.factor_step < step)
    return connection.execute(update(users).where(later).values(factor_step=step)).rowcount == 1


def new_recovery_codes(connection: Connection, user: str) -> list[str]:
    """Replace the recovery codes; the new ones are told this once."""
    made = ["-".join(random_text(4) for _ in range(GROUPS)) for _ in range(CODES)]
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user == user))
    connection.execute(insert(recovery_codes), [{"user": user, "hash": _kept(user, code)} for code in made])
    return made


def use_recovery_code(connection: Connection, user: str, code: str) -> bool:
    """Use a recovery code up: true once for each."""
    c = recovery_codes.c
    unused = (c.user == user) & (c.hash == _kept(user, code)) & c.used.is_(None)
    return connection.execute(update(recovery_codes).where(unused).values(used=clock.stamp(clock.now()))).rowcount == 1


def recovery_codes_left(connection: Connection, user: str) -> int:
    """Count the recovery codes that still hold."""
    c = recovery_codes.c
    return connection.scalar(select(func.count()).where(c.user == user, c.used.is_(None))) or 0


def _kept(user: str, code: str) -> str:
    plain = "".join(code.lower().replace("-", "").split()).translate(str.maketrans("oil", "011"))
    return hash_of(f"{user}/{plain}")
