"""What the tests stand on: the gateway as a process, the fake upstream as a process, a raw HTTP client, the stream rules."""
