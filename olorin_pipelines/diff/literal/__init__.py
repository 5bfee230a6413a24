"""What changed keyword by keyword, as the documents are written? The reading that the `oasdiff` profile stands on.

Imported when it is asked for: most runs are under the `strict` profile.
"""
