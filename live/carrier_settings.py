"""What an operator may set about those who deliver for us: accounts at Uber Direct and Dada; none is needed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from delivery.providers.dada.account import DadaAccount
from delivery.providers.uber.account import UberAccount

#: Where they tell us of a delivery; `{provider}` is "uber" or "dada".
WEBHOOK = "/api/delivery/{provider}/webhook"


def _parts(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _pairs(value: object) -> object:
    """`sto_1=11047059,sto_2=…` by store; what is no text stays as it is."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(store.strip() and shop.strip() for store, _, shop in pairs):
        raise ValueError("must be store=shop, by commas")
    return {store.strip(): shop.strip() for store, _, shop in pairs}


class CarrierSettings(BaseModel):
    """A part of `live.settings.Settings`."""

    carrier_phone: str = Field(
        default="", description="the shop's number for couriers of other houses, where a store has none"
    )
    uber_customer_id: str = Field(default="", description="the organisation at Uber Direct, from its dashboard")
    uber_client_id: str = Field(default="", description="its client id")
    uber_client_secret: str = Field(default="", repr=False, description="its client secret")
    uber_webhook_keys: Annotated[tuple[str, ...], BeforeValidator(_parts)] = Field(
        default=(),
        repr=False,
        description="signing keys of the webhooks at /api/delivery/uber/webhook, separated by commas",
    )
    uber_dialling_code: str = Field(
        default="86", pattern=r"^[1-9][0-9]{0,3}$", description="country of phone numbers that name none, for Uber"
    )
    uber_api_base: str = Field(default="https://api.uber.com", description="where Uber's API is")
    uber_login_base: str = Field(default="https://auth.uber.com", description="where Uber gives tokens")

    dada_app_key: str = Field(default="", description="the app_key at Dada (newopen.imdada.cn)")
    dada_app_secret: str = Field(default="", repr=False, description="its app_secret")
    dada_source_id: str = Field(default="", description="the merchant's number, source_id")
    dada_shops: Annotated[Mapping[str, str], BeforeValidator(_pairs)] = Field(
        default_factory=dict,
        description="Dada's shop_no by store id, store=shop,…; a store that is left out has its own id there",
    )
    dada_cargo_type: int = Field(default=5, ge=1, le=99, description="Dada's number of the kind of goods; 5: other")
    dada_cargo_weight: Decimal = Field(
        default=Decimal(1), gt=0, le=50, description="what an order is taken to weigh, in kilograms, for Dada"
    )
    dada_api_base: str = Field(default="https://newopen.imdada.cn", description="where Dada's API is")

    @field_validator("uber_api_base", "uber_login_base", "dada_api_base")
    @classmethod
    def _base(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("must start with https:// or http://")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _accounts_are_whole(self) -> Self:
        uber = (self.uber_customer_id, self.uber_client_id, self.uber_client_secret, self.uber_webhook_keys)
        if any(uber) != all(uber):
            raise ValueError("Uber needs uber_customer_id, uber_client_id, uber_client_secret and uber_webhook_keys")
        dada = (self.dada_app_key, self.dada_app_secret, self.dada_source_id)
        if any(dada) != all(dada):
            raise ValueError("Dada needs dada_app_key, dada_app_secret and dada_source_id")
        return self

    def uber_account(self, time_zone: str) -> UberAccount | None:
        """None when there is none. Its couriers are told times by the clocks of `time_zone`."""
        if not self.uber_client_id:
            return None
        return UberAccount(
            customer_id=self.uber_customer_id,
            client_id=self.uber_client_id,
            client_secret=self.uber_client_secret,
            webhook_keys=self.uber_webhook_keys,
            api_base=self.uber_api_base,
            login_base=self.uber_login_base,
            dialling_code=self.uber_dialling_code,
            phone=self.carrier_phone,
            time_zone=time_zone,
        )

    def dada_account(self, origin: str) -> DadaAccount | None:
        """None when there is none. `origin` is where Dada reaches us."""
        if not self.dada_app_key:
            return None
        return DadaAccount(
            app_key=self.dada_app_key,
            app_secret=self.dada_app_secret,
            source_id=self.dada_source_id,
            webhook=f"{origin}{WEBHOOK.format(provider='dada')}",
            base=self.dada_api_base,
            shops=self.dada_shops,
            phone=self.carrier_phone,
            cargo_type=self.dada_cargo_type,
            weight=self.dada_cargo_weight,
        )
