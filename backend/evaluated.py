"""An evaluation on the terminal: tables for people, or JSON."""

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lucarne.atlas.evaluation.figures import MEANINGS, Figures


def show(figures: Figures, out: Console) -> None:
    out.print(f"{figures.model}, measured on {figures.measured_on}", markup=False)
    table = Table("Figure", "Value", "Meaning", box=None, pad_edge=False)
    for name, value in figures.metrics.items():
        table.add_row(name, f"{value:g}", MEANINGS.get(name, ""))
    out.print(table)
    if figures.worst:
        table = Table("Seldom recognised", "Right", "Taken for", "Wrong", box=None, pad_edge=False)
        for each in figures.worst:
            table.add_row(each.name, f"{each.right:g} %", each.taken_for, f"{each.wrong:g} %")
        out.print()
        out.print(table)
    if figures.dictionaries:
        titles = ("Dictionary at", "Features", "Active", "Explained variance", "Dead", "Loss recovered")
        table = Table(*titles, box=None, pad_edge=False)
        for each in figures.dictionaries:
            parts = (each.explained_variance, each.dead, each.loss_recovered)
            kept, dead, recovered = (f"{100 * part:.1f} %" for part in parts)
            table.add_row(each.site, f"{each.features:,}", f"{each.active:.1f}", kept, dead, recovered)
        out.print()
        out.print(table)
    for each in figures.samples:
        about = f"  (temperature {each.temperature:g}, seed {each.seed})"
        out.print()
        out.print(Text.assemble((each.opening, "bold"), each.text, (about, "dim")))


def as_json(figures: Figures) -> str:
    return TypeAdapter(Figures).dump_json(figures, indent=1).decode()
