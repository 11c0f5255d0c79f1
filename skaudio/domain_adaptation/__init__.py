"""From the places where labels are to the places where they are not: embeddings."""

from skaudio.domain_adaptation._coral_aligner import CORALAligner

__all__ = ["CORALAligner"]
