"""From released tables to what people read: tables, figures, sentences and alternative texts, all in Swedish.

Accepts only `disclosure.released.Released` and imports no analysis: last year's published tables can be redrawn without microdata.
"""
