"""``olo catalog export`` and ``olo connect``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from olo_jupyter.cli.output import print_json

if TYPE_CHECKING:
    from olo_jupyter.config import Settings

catalog_app = typer.Typer(help="The project's Iceberg catalogs.", no_args_is_help=True)


@catalog_app.command("export")
def export(
    catalogs: Annotated[list[str] | None, typer.Argument(help="Catalogs of olo.yml; default: all.")] = None,
    engine: Annotated[
        Literal["trino", "spark"] | None, typer.Option("--for", help="trino: catalog properties; spark: its conf.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write one file a catalog into this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Write the project's catalogs as Trino or Spark are told of them. Secrets are left out; what to set is told.

    Examples:

        olo catalog export --for trino --out /etc/trino/catalog

        olo catalog export dev --for spark >> conf/spark-defaults.conf
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.lakehouse.catalog_export import exported

    if engine is None:
        raise typer.BadParameter("say for which engine: --for trino or --for spark")
    settings = project_settings()
    names = _names(settings, catalogs or [])
    known = getattr(settings.engines, engine)
    there = known.catalogs if known is not None else {}
    found = [exported(name, settings.catalogs[name], engine, there.get(name, "")) for name in names]
    if as_json:
        print_json(
            {"catalogs": [{"name": e.name, "properties": e.properties, "secrets": e.secret_keys} for e in found]}
        )
        return
    suffix = "properties" if engine == "trino" else "conf"
    for each in found:
        text = each.text(engine)
        if out is None:
            sys.stdout.write(f"# {each.name}.{suffix}\n{text}\n" if len(found) > 1 else text)
            continue
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{each.name}.{suffix}").write_text(text, encoding="utf-8")
        sys.stdout.write(f"{out / f'{each.name}.{suffix}'}\n")
    for each in found:
        for variable, key in each.secret_keys.items():
            where = f"set {variable} in Trino's environment" if engine == "trino" else "it isn't written"
            sys.stderr.write(f"{each.name}: {key} is a secret: {where}.\n")


def connect(
    catalogs: Annotated[list[str] | None, typer.Argument(help="Catalogs of olo.yml; default: all.")] = None,
    namespace: Annotated[str, typer.Option(help="Where unqualified names count from.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show how other programs reach the same tables: JDBC, ODBC and SQLAlchemy URLs, and a dbt profile, by Trino.

    Passwords and tokens are in none of them.

    Examples:

        olo connect dev --namespace gold

        olo connect --json
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.config_file import ConfigError
    from olo_jupyter.lakehouse.trino.links import links

    settings = project_settings()
    trino = settings.engines.trino
    if trino is None:
        raise ConfigError(
            "Other programs connect to Trino, and olo.yml doesn't say where it is.",
            hint="Add to it: engines: {trino: {host: trino.example.org}}",
        )
    names = _names(settings, catalogs or [])
    found = {name: links(trino, settings.user, trino.catalogs.get(name, name), namespace) for name in names}
    if as_json:
        print_json({"catalogs": found})
        return
    for name, ways in found.items():
        sys.stdout.write(f"{name}\n")
        for kind in ("jdbc", "odbc", "sqlalchemy"):
            sys.stdout.write(f"  {kind:<12}{ways[kind]}\n")
        sys.stdout.write(f"  dbt         an output of profiles.yml:\n{_indented(ways['dbt'])}")


def _indented(profile: dict[str, Any]) -> str:
    import yaml

    text = yaml.safe_dump({"trino": profile}, sort_keys=False)
    return "".join(f"      {line}\n" for line in text.splitlines())


def _names(settings: Settings, wanted: list[str]) -> list[str]:
    from olo_jupyter.errors import OloError
    from olo_jupyter.lakehouse.catalog import nearest

    for name in wanted:
        if name not in settings.catalogs:
            raise OloError(
                f"There is no catalog {name!r}.", code="catalog-not-found", hint=nearest(name, settings.catalogs)
            )
    return wanted or sorted(settings.catalogs)
