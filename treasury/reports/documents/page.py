"""The report as one web page that needs no other file; in the console the same part stands in the frame."""

from django.template.loader import render_to_string

from treasury.reports.document import Document


def render(document: Document) -> bytes:
    return render_to_string("treasury/report_alone.html", {"document": document}).encode()
