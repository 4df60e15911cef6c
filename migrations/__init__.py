"""The schema: migrations, and the functions of the database that they load.

A regular package, as migrations.models is: the parts of a namespace package are taken together from all checkouts on
the path.
"""
