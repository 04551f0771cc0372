"""What was found, as a table on the terminal and as docs/benchmarks.md. A section that was not
measured stays as it was."""
import dataclasses
import re

from servers import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


@dataclasses.dataclass
class Figure:
    """One line of a table. `bar` and `goal` are ratios of ours to the anchor, or, where `at_most`
    names a column, the most it may show in milliseconds."""
    what: str
    ours: object = None
    anchor: str = ""
    theirs: object = None
    bar: float = None
    goal: float = None
    at_most: str = ""
    why: str = ""  # what is known about the bar when it is missed

    @property
    def ratio(self):
        return self.ours.rate / self.theirs.rate if self.theirs and self.ours else None

    @property
    def missed(self):
        if self.bar is None:
            return False
        if self.at_most:
            return getattr(self.ours, self.at_most) > self.bar
        return self.ratio < self.bar

    def cells(self):
        def number(value, digits):
            return "" if value is None else f"{value:,.{digits}f}"
        ours, theirs = self.ours, self.theirs
        bar = ""
        if self.bar is not None:
            bar = f"{self.at_most} < {self.bar:g} ms" if self.at_most else f"≥ {self.bar:g}"
        if self.goal:
            bar += f", goal {self.goal:g}"
        if self.bar is not None:
            bar += ": **missed**" if self.missed else ": held"
        return [self.what, number(ours and ours.rate, 0), number(ours and ours.p50, 2),
                number(ours and ours.p99, 2), str(ours.errors) if ours else "",
                self.anchor, number(theirs and theirs.rate, 0),
                f"**{self.ratio:.2f} ×**" if self.ratio else "", bar]


class Section:
    head = ["What", "per second", "p50 ms", "p99 ms", "errors", "beside it", "per second", "ratio",
            "bar"]

    def __init__(self, title, story):
        self.title, self.story = title, story
        self.figures, self.facts = [], []
        print(f"── {title}", flush=True)

    def add(self, *arguments, **named):
        figure = Figure(*arguments, **named)
        self.figures.append(figure)
        print("   " + " | ".join(cell for cell in figure.cells() if cell), flush=True)
        return figure

    def fact(self, text):
        self.facts.append(text)
        print("   " + text, flush=True)

    def text(self):
        rows = [self.head, ["---"] * len(self.head), *(figure.cells() for figure in self.figures)]
        table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        missed = [f"- Missed: {figure.what}. {' '.join(figure.why.split())}".rstrip()
                  for figure in self.figures if figure.missed]
        notes = "\n".join([*(f"- {fact}" for fact in self.facts), *missed])
        return "\n\n".join(part for part in (f"## {self.title}", self.story, table, notes) if part)


def write_page(introduction, sections, titles):
    """In the order of all titles there are."""
    former = re.split(r"^(?=## )", PAGE.read_text(), flags=re.MULTILINE) if PAGE.exists() else []
    found = {text.split("\n")[0].removeprefix("## "): text.strip() for text in former[1:]}
    found |= {section.title: section.text() for section in sections}
    parts = [introduction.strip(), *(found[title] for title in titles if title in found)]
    PAGE.write_text("\n\n".join(parts) + "\n")
