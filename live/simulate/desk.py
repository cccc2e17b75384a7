"""The operator's desk: reads out a PIN when a simulated courier stands at the door of a buyer who is not simulated.

By the audited route that a real desk uses when a buyer cannot read the PIN, so the audit log says what was done.
"""

from live.simulate.client import Client

WHY = "Simulation: the courier at the door is played by a program"


class Desk:
    """Signed in as an operator."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def open(self) -> None:
        """Raises Refused when the password is wrong."""
        await self._client.enter()

    async def pin(self, order_id: str) -> str:
        """The buyer's PIN. Raises Refused."""
        answer = await self._client.call("POST", f"/api/orders/{order_id}/pin", {"reason": WHY})
        return str(answer["pin"])
