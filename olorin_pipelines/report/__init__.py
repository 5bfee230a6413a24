"""How are findings shown to people and machines? As text, Markdown, a page, or JSON."""

from olorin_pipelines.report.data import to_json
from olorin_pipelines.report.html import to_html
from olorin_pipelines.report.markdown import to_markdown
from olorin_pipelines.report.text import to_text

__all__ = ["to_html", "to_json", "to_markdown", "to_text"]
