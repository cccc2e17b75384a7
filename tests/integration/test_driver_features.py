"""What Nearlive relies on in the database, its driver and Redis; nothing else in the suite may need more.

Run against the embedded servers it shows at once when a new version of any part behaves in another way. Run with
MONGODB_URI and REDIS_URL set it must pass unchanged against the real ones.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, GEOSPHERE, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from redis import asyncio as aioredis
from redis.exceptions import ResponseError

Database = AsyncIOMotorDatabase[dict[str, Any]]
SHANGHAI = [121.4737, 31.2304]


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


class TestIndexes:
    """Uniqueness is what makes a retry safe."""

    async def test_unique(self, database: Database) -> None:
        await database.users.create_index("login", unique=True)
        await database.users.insert_one({"_id": "a", "login": "x"})
        with pytest.raises(DuplicateKeyError):
            await database.users.insert_one({"_id": "b", "login": "x"})
        with pytest.raises(DuplicateKeyError):
            await database.users.insert_one({"_id": "a", "login": "y"})
        assert await database.users.count_documents({}) == 1

    async def test_unique_over_two_fields(self, database: Database) -> None:
        await database.orders.create_index([("buyer", ASCENDING), ("key", ASCENDING)], unique=True)
        await database.orders.insert_one({"buyer": "b", "key": "1"})
        await database.orders.insert_one({"buyer": "c", "key": "1"})
        with pytest.raises(DuplicateKeyError):
            await database.orders.insert_one({"buyer": "b", "key": "1"})

    async def test_unique_where_a_condition_holds(self, database: Database) -> None:
        await database.jobs.create_index(
            "courier", unique=True, partialFilterExpression={"status": "accepted"}, name="one_job"
        )
        await database.jobs.insert_one({"courier": "c", "status": "delivered"})
        await database.jobs.insert_one({"courier": "c", "status": "accepted"})
        with pytest.raises(DuplicateKeyError):
            await database.jobs.insert_one({"courier": "c", "status": "accepted"})
        await database.jobs.update_one({"status": "accepted"}, {"$set": {"status": "delivered"}})
        await database.jobs.insert_one({"courier": "c", "status": "accepted"})

    async def test_making_it_again_changes_nothing(self, database: Database) -> None:
        first = await database.things.create_index([("a", ASCENDING), ("b", DESCENDING)])
        assert await database.things.create_index([("a", ASCENDING), ("b", DESCENDING)]) == first
        assert first in await database.things.index_information()


class TestConditionalUpdate:
    """A transition is one update with the status in the filter: of many at once exactly one wins."""

    async def test_one_of_many_wins(self, database: Database) -> None:
        await database.orders.insert_one({"_id": "o", "status": "paid", "history": []})

        async def accept(who: int) -> int:
            done = await database.orders.update_one(
                {"_id": "o", "status": "paid"}, {"$set": {"status": "accepted"}, "$push": {"history": {"by": who}}}
            )
            return done.modified_count

        assert sum(await asyncio.gather(*(accept(who) for who in range(20)))) == 1
        order = await database.orders.find_one({"_id": "o"})
        assert order is not None
        assert order["status"] == "accepted"
        assert len(order["history"]) == 1

    async def test_stock_never_falls_below_nothing(self, database: Database) -> None:
        await database.stock.insert_one({"_id": "s:p", "available": 7})

        async def take() -> int:
            done = await database.stock.update_one(
                {"_id": "s:p", "available": {"$gte": 2}}, {"$inc": {"available": -2}}
            )
            return done.modified_count

        assert sum(await asyncio.gather(*(take() for _ in range(20)))) == 3
        left = await database.stock.find_one({"_id": "s:p"})
        assert left == {"_id": "s:p", "available": 1}

    async def test_operators(self, database: Database) -> None:
        await database.things.insert_one({"_id": 1, "n": 1, "list": [1, 2, 3], "map": {"a": {"n": 1}}, "gone": 1})
        await database.things.update_one(
            {"_id": 1, "map.a.n": {"$gte": 1}, "map.b": {"$exists": False}},
            {
                "$inc": {"n": 2, "map.a.n": -1},
                "$set": {"map.b": {"n": 5}},
                "$pull": {"list": 2},
                "$unset": {"gone": ""},
                "$max": {"top": 3},
            },
        )
        await database.things.update_one({"_id": 1}, {"$push": {"list": {"$each": [4, 5], "$slice": -3}}})
        await database.things.update_one({"_id": 1}, {"$addToSet": {"list": 5}})
        expected = {"_id": 1, "n": 3, "list": [3, 4, 5], "map": {"a": {"n": 0}, "b": {"n": 5}}, "top": 3}
        assert await database.things.find_one({"_id": 1}) == expected

    async def test_an_element_of_a_list(self, database: Database) -> None:
        await database.shows.insert_one({"_id": 1, "cards": [{"id": "a", "out": False}, {"id": "b", "out": False}]})
        await database.shows.update_one({"_id": 1, "cards.id": "b"}, {"$set": {"cards.$.out": True}})
        await database.shows.update_one(
            {"_id": 1}, {"$set": {"cards.$[card].price": 5}}, array_filters=[{"card.id": "a"}]
        )
        show = await database.shows.find_one({"_id": 1, "cards": {"$elemMatch": {"id": "b", "out": True}}})
        assert show is not None
        assert show["cards"] == [{"id": "a", "out": False, "price": 5}, {"id": "b", "out": True}]

    async def test_insert_or_leave(self, database: Database) -> None:
        for name in ("first", "second"):
            done = await database.products.update_one({"_id": 1}, {"$setOnInsert": {"name": name}}, upsert=True)
            assert (done.upserted_id is not None) == (name == "first")
        assert await database.products.find_one() == {"_id": 1, "name": "first"}

    async def test_many_at_once(self, database: Database) -> None:
        with pytest.raises(BulkWriteError) as caught:
            await database.things.bulk_write(
                [InsertOne({"_id": 1}), InsertOne({"_id": 1}), UpdateOne({"_id": 1}, {"$set": {"a": 1}})], ordered=False
            )
        assert caught.value.details["nInserted"] == 1
        assert await database.things.find_one({"_id": 1}) == {"_id": 1, "a": 1}
        done = await database.things.delete_many({"_id": {"$in": [1, 2]}})
        assert done.deleted_count == 1


class TestQueries:
    """Reading."""

    async def test_times_are_aware_and_keep_milliseconds(self, database: Database) -> None:
        at = datetime(2026, 11, 22, 9, 30, 0, 123000, tzinfo=UTC)
        await database.things.insert_one({"at": at})
        found = await database.things.find_one({"at": {"$lte": at}})
        assert found is not None
        assert found["at"] == at
        assert found["at"].utcoffset() is not None

    async def test_pages_by_range_on_the_sort_key(self, database: Database) -> None:
        await database.orders.create_index([("buyer", ASCENDING), ("at", DESCENDING)])
        await database.orders.insert_many([{"_id": n, "buyer": n % 2, "at": n} for n in range(20)])
        cursor = database.orders.find({"buyer": 1, "at": {"$lt": 15}}, {"at": True}).sort("at", DESCENDING).limit(3)
        assert [order["at"] async for order in cursor] == [13, 11, 9]

    async def test_nearest_first_with_the_distance(self, database: Database) -> None:
        await database.stores.create_index([("position", GEOSPHERE)])
        places = {
            "far": (121.60, 31.30),
            "near": (121.48, 31.23),
            "middle": (121.50, 31.24),
            "closed": (121.474, 31.23),
        }
        await database.stores.insert_many(
            [{"_id": name, "open": name != "closed", "position": point(*place)} for name, place in places.items()]
        )
        found = await database.stores.aggregate(
            [
                {
                    "$geoNear": {
                        "near": {"type": "Point", "coordinates": SHANGHAI},
                        "distanceField": "distance",
                        "maxDistance": 10_000,
                        "query": {"open": True},
                        "key": "position",
                    }
                },
                {"$limit": 5},
            ]
        ).to_list(None)
        assert [store["_id"] for store in found] == ["near", "middle"]
        assert found[0]["distance"] == pytest.approx(601, abs=5)
        assert found[1]["distance"] == pytest.approx(2720, abs=20)

    async def test_sums_by_group(self, database: Database) -> None:
        await database.sales.insert_many([{"who": n % 2, "total": n} for n in range(6)])
        groups = await database.sales.aggregate(
            [{"$match": {"total": {"$gt": 0}}}, {"$group": {"_id": "$who", "sum": {"$sum": "$total"}}}]
        ).to_list(None)
        assert {group["_id"]: group["sum"] for group in groups} == {0: 6, 1: 9}


class TestTransactions:
    """An order and its event, together or not at all."""

    @pytest.fixture
    async def client(self, database: Database) -> AsyncIOMotorClient[dict[str, Any]]:
        for name in ("orders", "outbox"):
            await database.create_collection(name)
        return database.client

    async def test_commit(self, database: Database, client: AsyncIOMotorClient[dict[str, Any]]) -> None:
        async with await client.start_session() as session, session.start_transaction():
            await database.orders.insert_one({"_id": 1}, session=session)
            await database.outbox.insert_one({"_id": "e"}, session=session)
            assert await database.orders.find_one({"_id": 1}) is None, "others see it after the commit"
            assert await database.orders.find_one({"_id": 1}, session=session) == {"_id": 1}
        assert await database.orders.find_one({"_id": 1}) == {"_id": 1}
        assert await database.outbox.find_one({"_id": "e"}) == {"_id": "e"}

    async def test_abort(self, database: Database, client: AsyncIOMotorClient[dict[str, Any]]) -> None:
        await database.orders.insert_one({"_id": 1, "status": "placed"})

        async def pay() -> None:
            async with await client.start_session() as session, session.start_transaction():
                await database.orders.update_one({"_id": 1}, {"$set": {"status": "paid"}}, session=session)
                await database.outbox.insert_one({"_id": "e"}, session=session)
                raise RuntimeError("changed our mind")

        with pytest.raises(RuntimeError, match="changed our mind"):
            await pay()
        assert await database.orders.find_one({"_id": 1}) == {"_id": 1, "status": "placed"}
        assert await database.outbox.find_one({"_id": "e"}) is None

    async def test_a_refused_write_takes_everything_back(
        self, database: Database, client: AsyncIOMotorClient[dict[str, Any]]
    ) -> None:
        await database.orders.insert_one({"_id": 1})

        async def place() -> None:
            async with await client.start_session() as session, session.start_transaction():
                await database.outbox.insert_one({"_id": "e"}, session=session)
                await database.orders.insert_one({"_id": 1}, session=session)

        with pytest.raises(DuplicateKeyError):
            await place()
        assert await database.outbox.find_one({"_id": "e"}) is None

    async def test_two_that_meet_one_is_told_to_try_again(
        self, database: Database, client: AsyncIOMotorClient[dict[str, Any]]
    ) -> None:
        await database.orders.insert_one({"_id": 1, "n": 0})
        async with await client.start_session() as first, await client.start_session() as second:
            first.start_transaction()
            second.start_transaction()
            await database.orders.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=first)
            with pytest.raises(PyMongoError) as caught:
                await database.orders.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=second)
            assert caught.value.has_error_label("TransientTransactionError")
            await second.abort_transaction()
            await first.commit_transaction()
        assert await database.orders.find_one({"_id": 1}) == {"_id": 1, "n": 1}

    async def test_many_that_meet_all_come_through(
        self, database: Database, client: AsyncIOMotorClient[dict[str, Any]]
    ) -> None:
        await database.orders.insert_one({"_id": 1, "n": 0})

        async def once(session: Any, number: int) -> None:
            await database.orders.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)
            await database.outbox.insert_one({"_id": number}, session=session)

        async def add(number: int) -> None:
            async with await client.start_session() as session:
                await session.with_transaction(lambda open_session: once(open_session, number))

        await asyncio.gather(*(add(number) for number in range(8)))
        assert await database.orders.find_one({"_id": 1}) == {"_id": 1, "n": 8}
        assert await database.outbox.count_documents({}) == 8


class TestChanges:
    """The outbox is woken by changes and, when it was away, goes on where it was."""

    async def test_they_are_seen_in_order_and_resumed(self, database: Database) -> None:
        async with database.outbox.watch([{"$match": {"operationType": "insert"}}]) as stream:
            await database.outbox.insert_many([{"_id": 1}, {"_id": 2}])
            assert (await stream.next())["fullDocument"] == {"_id": 1}
            token = stream.resume_token
        await database.outbox.insert_one({"_id": 3})
        async with database.outbox.watch([{"$match": {"operationType": "insert"}}], resume_after=token) as stream:
            seen = [(await stream.next())["documentKey"]["_id"] for _ in range(2)]
        assert seen == [2, 3]


class TestRedis:
    """Topics, leases, limits."""

    @pytest.fixture
    async def group(self, redis: aioredis.Redis) -> str:
        await redis.xgroup_create("events", "workers", id="0", mkstream=True)
        return "workers"

    async def test_a_stream_is_read_on_from_where_one_was(self, redis: aioredis.Redis) -> None:
        ids = [await redis.xadd("topic", {"n": n}, maxlen=3, approximate=False) for n in range(5)]
        assert [entry[0] for entry in await redis.xrange("topic") or ()] == ids[2:]
        after = f"({ids[3].decode()}"  # type: ignore[union-attr]  # bytes, as the client is set up
        assert [entry[0] for entry in await redis.xrange("topic", min=after) or ()] == ids[4:]

    async def test_an_entry_of_a_dead_reader_is_claimed(self, redis: aioredis.Redis, group: str) -> None:
        entry = await redis.xadd("events", {"a": "1"})
        assert await redis.xreadgroup(group, "dead", {"events": ">"})
        claimed = await redis.xautoclaim("events", group, "alive", 0)
        assert [found[0] for found in claimed[1]] == [entry]
        assert await redis.xack("events", group, entry) == 1
        with pytest.raises(ResponseError, match="BUSYGROUP"):
            await redis.xgroup_create("events", group)

    async def test_a_lease_has_one_holder(self, redis: aioredis.Redis) -> None:
        assert await redis.set("lease", "me", nx=True, px=60_000)
        assert await redis.set("lease", "you", nx=True, px=60_000) is None
        assert 0 < await redis.pttl("lease") <= 60_000

    async def test_a_script_decides_at_once(self, redis: aioredis.Redis) -> None:
        script = redis.register_script(
            "local n = redis.call('INCR', KEYS[1])\n"
            "if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end\n"
            "return {n, redis.call('PTTL', KEYS[1])}"
        )
        first = await script(keys=["limit"], args=[5000])
        second = await script(keys=["limit"], args=[5000])
        assert (first[0], second[0]) == (1, 2)
        assert 0 < second[1] <= 5000

    async def test_a_message_reaches_who_listens(self, redis: aioredis.Redis) -> None:
        async with redis.pubsub() as listener:
            await listener.subscribe("room")
            assert (await listener.get_message(timeout=5))["type"] == "subscribe"
            assert await redis.publish("room", "hello") == 1
            message = await listener.get_message(timeout=5)
            assert message is not None
            assert message["data"] == b"hello"

    async def test_many_commands_together_are_one(self, redis: aioredis.Redis) -> None:
        async with redis.pipeline(transaction=True) as pipe:
            pipe.zadd("seen", {"a": 1, "b": 2})
            pipe.zremrangebyscore("seen", 0, 1)
            pipe.zcard("seen")
            assert (await pipe.execute())[-1] == 1
