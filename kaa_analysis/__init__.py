"""Research and reporting suite for the municipal activity responsibility (kommunernas aktivitetsansvar, KAA).

Extract → Register → Cohort → Result → Released → Exhibit → Report: each arrow is one subpackage, each noun one frozen type.
Importing the package reads no file, sets no option and configures no logging.
"""
