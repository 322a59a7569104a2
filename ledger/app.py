"""The application, put together in one place from small steps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from ledger import cli, keys, logs
from ledger.audit import views as audit
from ledger.audit.disclosure import commands as disclosure_commands
from ledger.audit.disclosure import views as disclosure
from ledger.audit.log import views as log
from ledger.books import views as books
from ledger.books.money import commands as money_commands
from ledger.books.money import views as money
from ledger.books.opening import views as opening
from ledger.config import ROOT, Settings, settings_from
from ledger.desk import commands
from ledger.desk import views as desk
from ledger.extensions import csrf, db, limiter, login_manager, migrate
from ledger.funds import views as funds
from ledger.giving import views as giving
from ledger.giving.donors import commands as donors_commands
from ledger.giving.donors import views as donor
from ledger.giving.donors.desk import views as donors
from ledger.giving.hours import commands as hours_commands
from ledger.giving.hours import views as hours
from ledger.giving.hours.volunteers import views as volunteers
from ledger.giving.intake import commands as intake_commands
from ledger.giving.intake import views as intake
from ledger.giving.intake.bulk import views as lists
from ledger.giving.stock import commands as stock_commands
from ledger.giving.stock import views as stock
from ledger.journal import engine
from ledger.people.accounts import views as accounts
from ledger.people.joining import views as joining
from ledger.people.own import views as own
from ledger.people.users import views as users
from ledger.programs import views as programs
from ledger.programs.allocation import commands as allocation_commands
from ledger.programs.allocation import views as allocation
from ledger.programs.allocation.contracts import views as contracts
from ledger.programs.allocation.decisions import views as decisions
from ledger.programs.allocation.grants import views as grants
from ledger.programs.allocation.needs import views as needs
from ledger.programs.allocation.projects import views as projects
from ledger.programs.delivery import commands as delivery_commands
from ledger.programs.delivery import views as delivery
from ledger.programs.delivery.files import views as files
from ledger.programs.linkage import views as linkage
from ledger.programs.parties import views as parties
from ledger.web import access, errors, health, locale, security
from ledger.web import format as formats

if TYPE_CHECKING:
    from flask import Blueprint

    from ledger.desk.commands import Command

ASSET_AGE = 24 * 3600  # seconds; addresses of files carry a version

# Every room with pages; a room missing here has none.
BLUEPRINTS: tuple[Blueprint, ...] = (
    health.blueprint,
    books.blueprint,
    funds.blueprint,
    giving.blueprint,
    programs.blueprint,
    allocation.blueprint,
    needs.blueprint,
    decisions.blueprint,
    projects.blueprint,
    grants.blueprint,
    contracts.blueprint,
    delivery.blueprint,
    files.blueprint,
    parties.blueprint,
    linkage.blueprint,
    audit.blueprint,
    log.blueprint,
    disclosure.blueprint,
    accounts.blueprint,
    own.blueprint,
    joining.blueprint,
    users.blueprint,
    opening.blueprint,
    desk.blueprint,
    money.blueprint,
    intake.blueprint,
    lists.blueprint,
    stock.blueprint,
    hours.blueprint,
    volunteers.blueprint,
    donor.blueprint,
    donors.blueprint,
)

# What the desk can ask of the ledger, a list a room.
COMMANDS: tuple[tuple[Command, ...], ...] = (
    intake_commands.COMMANDS,
    money_commands.COMMANDS,
    stock_commands.COMMANDS,
    hours_commands.COMMANDS,
    donors_commands.COMMANDS,
    allocation_commands.COMMANDS,
    delivery_commands.COMMANDS,
    disclosure_commands.COMMANDS,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for `settings`, read from the environment when None."""
    settings = settings or settings_from(os.environ)
    app = Flask(
        __name__,
        instance_path=str(settings.instance),
        template_folder=str(ROOT / "templates"),
        static_folder="static",
    )
    app.config["SETTINGS"] = settings
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs.init_app(app)
    _setup_keys(app, settings)
    _setup_proxy(app, settings)
    _setup_database(app, settings)
    _setup_login(app)
    access.init_app(app)
    security.init_app(app, https=settings.https)
    locale.init_app(app)
    csrf.init_app(app)
    _setup_limiter(app, settings)
    errors.init_app(app)
    _setup_templates(app)
    _setup_rooms(app)
    cli.init_app(app)
    return app


def _setup_keys(app: Flask, settings: Settings) -> None:
    """Read the two keys, made on the first start: one signs sessions, one makes tracking codes."""
    app.config["SECRET_KEY"] = keys.load_or_create(settings.secret_key_file)
    app.config["CODE_KEY"] = keys.load_or_create(settings.code_key_file)


def _setup_proxy(app: Flask, settings: Settings) -> None:
    """Believe as many forwarding headers as there are proxies of our own, and no more."""
    count = settings.trusted_proxies
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )


def _setup_database(app: Flask, settings: Settings) -> None:
    """Bind the database and its migrations, and let the journal prepare the connections."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    with app.app_context():
        engine.configure(db.engine)


def _setup_login(app: Flask) -> None:
    """Let a cookie stand for a session of the table; one that another browser shows is not fresh."""
    login_manager.session_protection = "basic"
    login_manager.user_loader(accounts.load_user)
    login_manager.init_app(app)


def _setup_limiter(app: Flask, settings: Settings) -> None:
    """Count attempts where the settings say; views state their own limits."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.ratelimit_storage
    limiter.init_app(app)


def _setup_templates(app: Flask) -> None:
    """Give templates their words and formats; a name that a page was not given is an error, not a blank."""
    app.jinja_env.undefined = StrictUndefined
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = ASSET_AGE
    formats.register(app)


def _setup_rooms(app: Flask) -> None:
    """Register the pages and the commands of every room."""
    for listed in COMMANDS:
        commands.register(listed)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
