"""What the options before and after the verb say, and the library they name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec

import click

from offliniofs.app.config import Settings, load_settings
from offliniofs.app.layout import StoreLayout, locate_store
from offliniofs.app.logs import configure_logging
from offliniofs.domain.errors import NotFoundError, UsageError

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options every verb shares."""

    store: str | None
    as_json: bool

    @property
    def layout(self) -> StoreLayout:
        """The store's paths, whether it exists or not."""
        return locate_store(self.store)

    def existing_layout(self) -> StoreLayout:
        """The store's paths. Raises :class:`NotFoundError` when there is no store there."""
        layout = self.layout
        if not layout.exists:
            raise NotFoundError(f"There is no store at {layout.root}. Make one with: offliniofs init")
        return layout

    def settings(self) -> Settings:
        """The store's settings; sets up logging as they say."""
        settings = load_settings(self.layout.configuration)
        configure_logging(settings.log_level, timestamp=False)
        return settings


def verb(function: Callable[Concatenate[Invocation, P], int | None]) -> Callable[P, int | None]:
    """Gives a command ``--store`` and ``--json``, allowed after the verb too, and hands it the :class:`Invocation`."""

    @click.option("--store", metavar="DIR", expose_value=True, help="The store's folder.")
    @click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")
    @click.pass_context
    @functools.wraps(function)
    def wrapper(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> int | None:
        invocation = ctx.obj
        if not isinstance(invocation, Invocation):
            raise UsageError("This command is run through offliniofs.")
        store = kwargs.pop("store", None)
        as_json = kwargs.pop("as_json", False)
        invocation = replace(
            invocation,
            store=store if isinstance(store, str) else invocation.store,
            as_json=bool(as_json) or invocation.as_json,
        )
        return function(invocation, *args, **kwargs)

    return wrapper
