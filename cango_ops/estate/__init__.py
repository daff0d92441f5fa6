"""A simulated estate: 42 sites of machines that answer the real wire protocols on the loopback device.

It knows nothing of the console and the console finds nothing out about it but over the wire. `layout` says what stands
where, `world` how it fares, `dialects` how each machine speaks, `server` opens the ports.
"""
