"""The verbs: what a guest, a host or an operator does, one file a subject.

A verb is given the context, what is wanted, and by name who asks and under which key. Where much may be wanted, that is
one request (BookingRequest, ChangeRequest, WalkInRequest)."""
