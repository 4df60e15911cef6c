"""The migrations, in the order of their numbers: Aerich applies them (hub.store.migration)."""
