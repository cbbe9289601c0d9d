"""The shapes of JSON on the wire. Requests are checked against them, answers consist of them, and OpenAPI is generated from them."""
