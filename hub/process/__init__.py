"""What runs: the hub, the supervisor, the doctor, the embedded servers, and the command line."""
