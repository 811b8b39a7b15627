"""The least that a Typer command with a rich table costs: what cnncalc's start-up is compared with."""

import sys

import rich.table
import typer
import yaml

app = typer.Typer()


@app.command()
def table(net: str, style: str = typer.Option("table", "--format")) -> None:
    """Print a fixed table of 24 rows."""
    from rich.console import Console

    assert yaml.__name__ == "yaml"
    grid = rich.table.Table(title=f"{net} {style}")
    for header in ("layer", "output size", "weights", "biases", "parameters"):
        grid.add_column(header)
    for row in range(24):
        grid.add_row(f"layer{row}", "224×224×64", "36,864", "64", "36,928")
    Console(file=sys.stdout).print(grid)


app()
