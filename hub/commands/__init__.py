"""The verbs: what a guest, a host or an operator does, one file a subject.

A verb is given the context, and one that writes for somebody who is logged in the call (hub.commands.call): who asks,
under which key. Then follows what is wanted. Where that may be much, it is one request (BookingRequest, ChangeRequest,
WalkInRequest)."""
