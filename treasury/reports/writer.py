"""Says a snapshot in a language: sentences, tables, footnotes, charts. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from treasury.reports import charts, months
from treasury.reports.charts import Chart
from treasury.reports.document import DASH, Document, Notes, Row, Shown, Table, clean
from treasury.reports.numbers import MINUS, long_date, month_name, number, percent, signed
from treasury.reports.rollforward import Ties
from treasury.reports.snapshot import Line, Restated, Series, Snapshot, Statement, Value, sha256
from treasury.reports.words import definition_of, name_of, word
from treasury.reports.words.phrases import phrase

TILES = ("btc_produced", "btc_per_day", "operating_avg_ehs", "operating_ratio_pct", "btc_held")
CHAPTERS = ("quote", "policy", "about", "safe_harbour", "contact")


def document(snapshot: Snapshot, language: str = "en") -> Document:
    return clean(Writer(snapshot, language).document())


@dataclass
class Writer:
    """Says a snapshot in a language."""

    snapshot: Snapshot
    language: str
    notes: Notes = field(default_factory=Notes)

    def word(self, key: str, **values: str) -> str:
        text = word(key, self.language)
        return text.format(**values) if values else text

    def phrase(self, english: str) -> str:
        return phrase(english, self.language)

    def document(self) -> Document:
        table = self.table()
        last = months.last_day(self.snapshot.month)
        return Document(
            language=self.language,
            title=self.word("title", company=self.snapshot.company, month=self.month()),
            company=self.snapshot.company,
            date_line=" · ".join(part for part in (self.snapshot.ticker, long_date(last, self.language)) if part),
            lead=("" if self.language == "zh" else " ").join(self.lead()),
            tiles=tuple(self.tiles()),
            table=table,
            roll_forward=self.roll_forward(),
            parts=tuple(self.parts()),
            charts=tuple(self.charts()),
            notes=tuple(self.notes.lines),
            not_reported=tuple(self.not_reported()),
            restatements=tuple(self.restatements()),
            chapters=tuple(
                (self.word(kind), one.text, one.speaker) for kind in CHAPTERS for one in self.statements(kind)
            ),
            source=self.phrase(self.snapshot.source),
            sha256=sha256(self.snapshot),
            labels={key: self.word(key) for key in LABELS},
        )

    def month(self, back: int = 0) -> str:
        return month_name(months.first_day(months.back(self.snapshot.month, back)), self.language)

    def name(self, line: Line) -> str:
        return name_of(line.code, line.name, self.language)

    def definition(self, line: Line) -> str:
        return definition_of(line.code, line.definition, self.language).rstrip(".。")

    def figure(self, value: Decimal, unit: str) -> str:
        return percent(value, self.language) if unit == "%" else number(value, self.language)

    def value(self, code: str) -> str | None:
        line = self.snapshot.line(code)
        return None if line.this.shown is None else self.figure(line.this.shown, line.unit)

    def lead(self) -> Iterator[str]:
        produced, per_day = self.value("btc_produced"), self.value("btc_per_day")
        ticker = self.word("aside", words=self.snapshot.ticker) if self.snapshot.ticker else ""
        names = {"company": f"{self.snapshot.company}{ticker}", "month": self.month()}
        if produced is None:
            yield self.word("lead_not_produced", **names)
        elif per_day is None:
            yield self.word("lead_produced_only", produced=produced, **names)
        else:
            yield self.word("lead_produced", produced=produced, per_day=per_day, **names)
        yield from self.lead_change()
        yield from self.lead_rest()

    def lead_change(self) -> Iterator[str]:
        mom = self.snapshot.line("btc_produced").mom
        if mom:
            direction = self.word("more" if mom > 0 else "less")
            change = number(abs(mom), self.language)
            yield self.word("lead_change", change=change, direction=direction, last_month=self.month(1))

    def lead_rest(self) -> Iterator[str]:
        operating, deployed = self.value("operating_avg_ehs"), self.value("deployed_end_ehs")
        ratio, held, sold = (self.value(code) for code in ("operating_ratio_pct", "btc_held", "btc_sold"))
        if operating and deployed and ratio:
            yield self.word("lead_hashrate", operating=operating, deployed=deployed, ratio=ratio)
        if held:
            yield self.word("lead_held", held=held)
        if sold:
            is_none = self.snapshot.line("btc_sold").this.shown == 0
            yield self.word("lead_sold_none") if is_none else self.word("lead_sold", sold=sold)

    def tiles(self) -> Iterator[tuple[str, str, str]]:
        for code in TILES:
            line = self.snapshot.line(code)
            unit = "" if line.unit == "%" else line.unit
            yield self.name(line), self.value(code) or self.word("not_reported"), unit if self.value(code) else ""

    def table(self) -> Table:
        """Figures with a value in one of the columns, and the main ones; a column without any value is left out and
        said in a note. What holds of all of them stands at the title."""
        of_all = [*(one.text for one in self.statements("unaudited")), self.word("points"), self.word("rounding_note")]
        lines = [line for line in self.snapshot.lines if line.is_main or has_value(line)]
        has_year_ago = any(line.year_ago.shown is not None for line in lines)
        if not has_year_ago:
            of_all.append(self.absent(self.month(12), lines[0].year_ago.reason))
        marks = tuple(mark for mark in map(self.notes.mark, of_all) if mark)
        head = [self.month(), self.month(1), self.word("mom")]
        if has_year_ago:
            head[2:] = [self.month(12), self.word("mom"), self.word("yoy")]
        rows = tuple(self.row(line, has_year_ago) for line in lines)
        return Table(self.word("table"), tuple(head), rows, marks=marks)

    def row(self, line: Line, has_year_ago: bool) -> Row:
        note = self.phrase(line.this.note)
        parts = (self.definition(line), note[:1].upper() + note[1:], self.restated(line))
        told = self.word("sentence").join(part for part in parts if part)
        mark = self.notes.mark(f"{self.name(line)}{self.word('colon')}{told}{self.word('stop')}")
        values = [self.cell(line, line.this), self.cell(line, line.last)]
        changes = [self.change(line.mom, line.unit)]
        if has_year_ago:
            values.append(self.cell(line, line.year_ago))
            changes.append(self.change(line.yoy, line.unit))
        return Row(line.code, self.name(line), line.unit, tuple(values + changes), mark)

    def cell(self, line: Line, value: Value) -> Shown:
        if value.shown is not None:
            return Shown(self.figure(value.shown, line.unit))
        label = self.word("not_reported")
        return Shown(label, self.notes.mark(self.absent("", value.reason)), True)

    def absent(self, what: str, reason: str) -> str:
        """A note on what is not reported; the reason is told where it says more than that."""
        label = self.word("not_reported")
        head = f"{what[:1].upper()}{what[1:]}{self.word('colon')}{label}" if what else label.capitalize()
        if not reason or reason in ("not reported", "not published"):
            return f"{head}{self.word('stop')}"
        return f"{head}{self.word('comma')}{self.phrase(reason)}{self.word('stop')}"

    def change(self, value: Decimal | None, unit: str) -> Shown:
        if value is None:
            return Shown(DASH, self.notes.mark(self.word("dash_note")), is_missing=True)
        points = f"{signed(value, self.language)} {self.word('pp')}"
        return Shown(points if unit == "%" else self.signed_percent(value))

    def signed_percent(self, value: Decimal) -> str:
        told = percent(value, self.language)
        return f"+{told}" if value > 0 else told

    def roll_forward(self) -> Table:
        roll = self.snapshot.roll_forward
        rows = [self.roll_row(self.roll_label(step.code), step.value, step.sign, step.code) for step in roll.steps]
        if roll.rounding:
            rows.append(Row("rounding", self.word("rounding"), "BTC", (Shown(signed(roll.rounding, self.language)),)))
        rows.append(self.roll_row(self.word("closing"), roll.closing, 1, "closing"))
        return Table(self.word("roll_forward"), (self.word("amount"),), tuple(rows), self.tie_words())

    def roll_label(self, code: str) -> str:
        return self.word("opening") if code == "opening" else self.name(self.snapshot.line(code))

    def roll_row(self, name: str, value: Value, sign: int, code: str) -> Row:
        if value.shown is None:
            told = Shown(self.word("not_reported"), self.notes.mark(self.absent("", value.reason)), True)
        else:
            text = number(abs(value.shown), self.language)
            told = Shown(f"{MINUS}{text}" if sign < 0 and value.shown else text)
        return Row(code, name, "BTC", (told,))

    def tie_words(self) -> str:
        roll = self.snapshot.roll_forward
        key = {Ties.EXACTLY: "ties_exactly", Ties.WITH_ROUNDING: "ties_with_rounding", Ties.NOT: "ties_not"}
        ties = Ties(roll.ties)
        unknown = [self.roll_label(step.code) for step in roll.steps if step.value.shown is None]
        if roll.closing.shown is None:
            unknown.append(self.word("closing"))
        none = f"{self.word('list').join(unknown)}{self.word('colon')}{self.word('not_reported')}"
        words = none if ties == Ties.UNKNOWN else self.phrase(roll.words)
        return self.word(key.get(ties, "ties_unknown"), words=words)

    def parts(self) -> Iterator[Table]:
        for dimension in ("region", "kind"):
            found = [part for part in self.snapshot.parts if part.dimension == dimension]
            rows = tuple(
                Row(part.name, self.phrase(part.name), "EH/s", tuple(
                    self.part_cell(value, unit) for value, unit in
                    ((part.deployed_ehs, "EH/s"), (part.operating_ehs, "EH/s"), (part.ratio_pct, "%"))
                ))
                for part in found
            )  # fmt: skip
            if rows:
                head = tuple(self.word(key) for key in ("deployed", "operating", "ratio"))
                yield Table(self.word(f"parts_{dimension}"), head, rows)

    def part_cell(self, value: Value, unit: str) -> Shown:
        return Shown(DASH, is_missing=True) if value.shown is None else Shown(self.figure(value.shown, unit))

    def charts(self) -> Iterator[Chart]:
        series = {one.code: one for one in self.snapshot.series}
        none = self.word("not_reported")
        legend = (self.word("legend_deployed"), self.word("legend_operating"))
        two = (series["deployed_end_ehs"], series["operating_avg_ehs"])
        drawn = (
            self.bars("produced", "btc_produced", series),
            self.bars("held", "btc_held", series),
            charts.lines("hashrate", self.word("chart_hashrate"), "EH/s", two, legend, self.language, none),
        )
        yield from (chart for chart in drawn if chart is not None)

    def bars(self, name: str, code: str, series: dict[str, Series]) -> Chart | None:
        title = self.word(f"chart_{name}")
        return charts.bars(name, title, "BTC", series[code], self.language, self.word("not_reported"))

    def not_reported(self) -> Iterator[str]:
        """Figures that are not there for one reason together, with the reason where it says more than that."""
        found: dict[str, list[str]] = {}
        for line in self.snapshot.lines:
            if line.this.shown is None:
                is_told = line.this.reason not in ("not reported", "not published", "")
                found.setdefault(line.this.reason if is_told else "", []).append(self.name(line))
        for reason, names in found.items():
            words = self.word("aside", words=self.phrase(reason)) if reason else ""
            yield f"{self.word('names').join(names)}{words}"

    def restated(self, line: Line) -> str:
        """Of the columns of the table."""
        compared = (self.snapshot.month, months.back(self.snapshot.month), months.back(self.snapshot.month, 12))
        told = (one for one in self.snapshot.restatements if one.code == line.code and one.month in compared)
        return "; ".join(self.word("restated_short", **self.restated_words(one)).rstrip(".") for one in told)

    def restatements(self) -> Iterator[str]:
        for one in self.snapshot.restatements:
            yield self.word("restated_line", who=one.who, **self.restated_words(one))

    def restated_words(self, one: Restated) -> dict[str, str]:
        line = self.snapshot.line(one.code)
        old, new = (
            self.word("not_reported") if value is None else self.figure(value, line.unit)
            for value in (one.old, one.new)
        )
        month = month_name(months.first_day(one.month), self.language)
        return {"month": month, "name": self.name(line), "old": old, "new": new, "reason": one.reason.rstrip(".")}

    def statements(self, kind: str) -> list[Statement]:
        """In the language where there is one, else in English."""
        of_kind = [one for one in self.snapshot.statements if one.kind == kind]
        return [one for one in of_kind if one.language == self.language] or [
            one for one in of_kind if one.language == "en"
        ]


LABELS = (
    "highlights", "figure", "unit", "notes", "not_reported_title", "restatements", "source", "snapshot",
    "snapshot_line", "page_line", "charts", "part", "machine_font", "mom", "yoy", "not_reported", "colon", "list",
    "stop", "quoted", "sheet_roll", "sheet_months", "sheet_lineage", "sheet_restatements", "definition", "no_change",
    "sum_above", "month", "code", "exact", "came_of", "published", "now", "reason", "who", "pp",
)  # fmt: skip


def has_value(line: Line) -> bool:
    return any(value.shown is not None for value in (line.this, line.last, line.year_ago))
