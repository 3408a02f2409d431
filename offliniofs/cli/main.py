"""The ``offliniofs`` command: finds the verb, runs it, turns every error into a message and an exit code."""

from __future__ import annotations

import importlib
import os
import sys

import click

from offliniofs import __version__
from offliniofs.app.nursery_errors import only_error
from offliniofs.cli.context import Invocation
from offliniofs.cli.output import printable
from offliniofs.domain.errors import ExitCode, OfflinioError, QuerySyntaxError

# Verb → its one-line help. The module is imported only when the verb is run, so that starting up stays quick.
VERBS = {
    "init": "Make a new, empty store.",
    "import": "Store media files and file them in the library.",
    "identify": "Say what a file name or a file is, and why.",
    "mount": "Show the library as a folder.",
    "umount": "Take a mounted folder away.",
    "search": "Search titles; the language is in the README.",
    "list": "List titles by type, genre, year or quality.",
    "info": "Show everything known about one title or file.",
    "edit": "Change what is known of titles and files.",
    "remove": "Move titles or files into the trash, and back.",
    "undo": "Take changes back.",
    "history": "List what was changed, by whom and when.",
    "relate": "Say how titles relate: sequels, remakes.",
    "collection": "List, make and fill collections.",
    "stats": "Show totals, savings and the most viewed.",
    "status": "Show the running mounts.",
    "migrate": "Bring the catalogue to this version's schema.",
    "doctor": "Check this machine and the store, and say what to do.",
    "fsck": "Check the catalogue against the store.",
    "completion": "Print the shell's completion script.",
}

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Verbs(click.Group):
    """A group that imports a verb's module when it is asked for: ``import`` lives in ``cli/import_command.py``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"offliniofs.cli.{cmd_name}_command")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"{module.__name__}.command is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="offliniofs")
@click.option(
    "--store", metavar="DIR", help="The store's folder. Default: $OFFLINIOFS_STORE, else the XDG data folder."
)
@click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")
@click.pass_context
def command_line(ctx: click.Context, store: str | None, as_json: bool) -> None:
    """Keep your offline media once, safely, and see it as a folder.

    Exit codes: 0 done, 1 failed, 2 wrong use, 3 partly done.
    """
    ctx.obj = Invocation(store, as_json)


def _report(error: OfflinioError) -> int:
    text = error.message if isinstance(error, QuerySyntaxError) else str(error)
    click.echo(f"offliniofs: {printable(text)}", err=True)
    if isinstance(error, QuerySyntaxError):
        click.echo("\n".join(f"    {printable(line)}" for line in error.caret().split("\n")), err=True)
    return error.exit_code


def _forget_output() -> None:
    """Lets go of what could not be printed; Python would try again at its end and complain itself."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _system_message(error: OSError) -> str:
    """What the system refused and at which path; without a path it was our own output."""
    if error.filename is None:
        return f"Cannot print: {error.strerror}."
    name = error.filename if isinstance(error.filename, (str, bytes)) else str(error.filename)
    return f"{os.fsdecode(name)}: {error.strerror}."


def run(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    try:
        result = command_line.main(args=arguments, prog_name="offliniofs", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return ExitCode.WRONG_USE
    except click.Abort:
        # click's word for Ctrl-C; 130 is what shells expect of a command that SIGINT ended.
        click.echo("offliniofs: interrupted", err=True)
        return 130
    except BrokenPipeError:
        # The reader of our output went away; nobody is left to tell.
        _forget_output()
        return ExitCode.FAILED
    except (OfflinioError, OSError, ExceptionGroup) as error:
        inner = only_error(error)
        if isinstance(inner, OfflinioError):
            return _report(inner)
        if isinstance(inner, OSError) and inner.strerror is not None:
            if inner.filename is None:
                _forget_output()
            return _report(OfflinioError(_system_message(inner)))
        raise
    return int(result) if isinstance(result, int) else ExitCode.DONE


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run())
