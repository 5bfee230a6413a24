"""How is a document that was tested before tested again without making its requests anew? By replaying its corpus."""

from olorin_pipelines.contract.corpus.compile import Compiler
from olorin_pipelines.contract.corpus.entry import Corpus, Entry, Link
from olorin_pipelines.contract.corpus.replay import Replayed, send_again
from olorin_pipelines.contract.corpus.store import Corpora, corpus_key

__all__ = ["Compiler", "Corpora", "Corpus", "Entry", "Link", "Replayed", "corpus_key", "send_again"]
