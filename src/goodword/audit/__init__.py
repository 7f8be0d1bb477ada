"""Your word so far: what an existing mailbox says about answers and promises.

Reads mail without changing it and needs no desk: letters → threads → findings → a report. Nothing
leaves the machine.
"""
