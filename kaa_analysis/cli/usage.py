"""Help texts and usage errors in Swedish: the commands' and the group's classes. A given value is never shown."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer._click import exceptions as foreign
from typer.core import TyperCommand, TyperGroup

from kaa_analysis.core.errors import UsageError, did_you_mean

HELP_OPTION = "Visa den här hjälpen."


class _Swedish:
    """What the group and each command share: the help page, and foreign usage errors made ours."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the help option, told in Swedish."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = HELP_OPTION
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the whole help page: usage, what the command does, its arguments, options and commands."""
        params = self.get_params(ctx)
        formatter.write_usage(ctx.command_path, _usage_words(self, params), prefix="Användning: ")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(inspect.cleandoc(self.help or ""))
        sections = {
            "Argument": [(_name(param), param.help) for param in _arguments(params)],
            "Flaggor": [(_name(param), param.help) for param in params if param not in _arguments(params)],
            "Kommandon": [(name, inspect.cleandoc(command.help or "")) for name, command in _commands(self).items()],
        }
        for heading, rows in sections.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command.

        Raises:
            UsageError: a word is missing, unknown, or has a value that cannot be used.
        """
        with _told_in_swedish(self, ctx):
            return super().parse_args(ctx, args)


class KaaCommand(_Swedish, TyperCommand):
    """A command."""

    allow_extra_args = True  # told by us, below

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command.

        Raises:
            UsageError: a word is missing, unknown or too many, or has a value that cannot be used.
        """
        left = super().parse_args(ctx, args)
        if left:
            raise _error(self, ctx, "fick fler argument än kommandot tar.", f"{len(left)} för mycket")
        return left


class KaaGroup(_Swedish, TyperGroup):
    """``kaa`` itself. Alone it shows its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command; nothing at all asks for help."""
        return super().parse_args(ctx, args or ["--help"])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first word names.

        Raises:
            UsageError: there is no such command.
        """
        if args[0] not in self.commands:
            hint = did_you_mean(args[0], self.commands)
            raise _error(self, ctx, f"har inget sådant kommando{hint}.", f"finns: {', '.join(self.commands)}")
        return super().resolve_command(ctx, args)


@contextmanager
def _told_in_swedish(command: Any, ctx: Any) -> Iterator[None]:
    try:
        yield
    except foreign.MissingParameter as error:
        raise _error(command, ctx, f"behöver {_kind(error.param)}.", _expected(error.param)) from None
    except foreign.BadParameter as error:
        raise _error(command, ctx, f"kan inte använda värdet i {_kind(error.param)}.", _expected(error.param)) from None
    except foreign.NoSuchOption as error:
        options = _options(command, ctx)
        hint = did_you_mean(error.option_name, options)
        raise _error(command, ctx, f"har ingen sådan flagga{hint}.", f"finns: {', '.join(options)}") from None
    except foreign.BadOptionUsage as error:
        option = _options(command, ctx).get(error.option_name)
        asked = "tar inget värde" if option is None or option.is_flag else "behöver ett värde"
        raise _error(command, ctx, f"{asked} efter {_kind(option)}.", _expected(option)) from None


def _error(command: Any, ctx: Any, problem: str, found: str) -> UsageError:
    usage = f"{ctx.command_path} {_usage_words(command, command.get_params(ctx))}"
    return UsageError(
        f"{ctx.command_path} {problem}", found=found, action=f"skriv {usage} – mer säger {ctx.command_path} --help"
    )


def _kind(param: Any) -> str:
    if param is None:
        return "en flagga"
    return f"argumentet {param.metavar}" if param.param_type_name == "argument" else f"flaggan {param.opts[0]}"


def _expected(param: Any) -> str:
    return "se hjälpen" if param is None else f"{_name(param)}: {param.help}"


def _name(param: Any) -> str:
    words = [param.metavar] if param.param_type_name == "argument" else [", ".join(param.opts), param.metavar]
    return " ".join(word for word in words if word)


def _usage_words(command: Any, params: list[Any]) -> str:
    arguments = _arguments(params)
    required = [_name(param) for param in params if param.required and param not in arguments]
    named = [_name(param) + " …" * (param.nargs == -1) for param in arguments]
    told = [word if param.required else f"[{word}]" for word, param in zip(named, arguments, strict=True)]
    return " ".join([*told, *required, "[FLAGGOR]", *(["KOMMANDO …"] if _commands(command) else [])])


def _arguments(params: list[Any]) -> list[Any]:
    return [param for param in params if param.param_type_name == "argument"]


def _options(command: Any, ctx: Any) -> dict[str, Any]:
    params = command.get_params(ctx)
    return {name: param for param in params if param not in _arguments(params) for name in param.opts}


def _commands(command: Any) -> dict[str, Any]:
    return getattr(command, "commands", {})
