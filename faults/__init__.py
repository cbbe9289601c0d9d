"""The faults that a chat service meets, each caused on purpose on servers of its own, and what its clients saw meanwhile."""
