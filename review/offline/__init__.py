"""An offline PubMed: a loopback E-utilities server over dated worlds of PubMed XML.

Tests and the demonstration run the real client against it, to the socket. A world is a folder of
files named by date, as PubMed's own update files are made: new and changed articles, and deleted
PMIDs. Seen "as of" a day, it is what PubMed would have held that day.
"""
