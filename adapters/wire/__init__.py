"""What dendrite and axon say to each other, without any I/O: bodies, signatures and streams of both wires.

Two wires carry `Prompting` and `StreamPrompting`, which differ in nothing but how the answer comes:

- `btauth/1`, of Bittensor 11: the whole request is signed (`bittensor.http_auth`), bodies are plain JSON, streams are server-sent events.
- `v10`, of Bittensor 10 and before: headers make up a synapse, the messages' hash is signed, streams are bare text.
"""
