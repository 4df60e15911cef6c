"""The database keeps the rules of the last start, and what guests were promised before the rules changed."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "bookings" ADD "promised_start" VARCHAR(32);
        ALTER TABLE "hub" ADD "rules" JSONB;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "hub" DROP COLUMN "rules";
        ALTER TABLE "bookings" DROP COLUMN "promised_start";"""


MODELS_STATE = (
    "eJztXVlz2zgS/isovUymSnZZ8rnOk+I4E+8k9pat3ZmaJEXBJCShTAEKAVrxzua/LxokxZ"
    "shZR00wyfZABoAvwaBvtD8uzPjFrHF/hvOHyibdM7R3x2GZ0T9kazqog6ez8MKKJD43tZt"
    "771GuhDfC+lgU6ryMbYFUUUWEaZD55JyBq3/mHJkUUYEWkwJ20ejke5oNEJUIDkliDOifr"
    "FECywQ9E2s14hKxMgjcZBFTGp5xKqxgzDS5JoYP6gOYRYWN9U0vGfa+ICf2Wc2GjEuqUkM"
    "hzxSoZ407N3GQqKgWPXCBUHmFLMJUV1NXKJqoSW3LcTH5wirjmAYbxBsw+RUPVO/+zDO3O"
    "EzKohlCIkdGRmGm9hGutB7GCj0uofHgv5fI+batpoChelLNOa2zRcCjVWXuvl/YRDAz2X0"
    "q0sMySf6mRWKn76oYsos8o0I+PdTxxXEMagFzfWowsCyo1p96qiKR8DCwpJ0vgDh/MEYU2"
    "JbsSXm0epyQz7NddkbOrli8p1uC3y8N0xuuzMWtp8/ySlnSwLKJJROCCOOGg5GkI4Lyw6e"
    "1V+hwUr0Hits4j1PhMYiY+zasHiB2ptAWNYxjOuboXF3OTSMTmphBxSRpecXmZzBS6GmKj"
    "QAE5jC3j/6/cPD0/7B4cnZ8dHp6fHZwZlqq+ebrjr97k0mRMvrSmN29dvV9RAmxNWb572S"
    "UPBd02CJPSrNthB9vTREmgN3M2zbuTwIqX7MhwD1IkYEBSEnwl1je6w47J+eLMGHf4rgvv"
    "s4+PAhwDfEM3wHUpC+VYBIOiPZkMYIE6haPuV+8McLxLgAyuHVx8u74eDjv6D7mRBfbQ3X"
    "YHgJNX1d+pQofXXya3ypLztBf1wN3yP4F/11c32p4eRCThw9Ythu+FcH5oRdyQ3GFwa2op"
    "gExUFRjMmEWauwOELWMrjWDI4dXZlcznmJE3RFbG4Wi4Ftia0wLqKkYbyYYicbxjRlAkg1"
    "qRLw+ad5XdDrzPA3wyZsIqf6fClA8z+D24v3g9tXh/3ES3Dt1/R1VerokW7GUZ6Pc0ixEr"
    "51W55xgM9K4HuWC+9ZEt1AdE/jmyslRUmaJCf1e0enR2eHJ0dLYWlZUiQxpYWlhLJUAdoM"
    "yt0i3KsPqqZD4IFXEFDilK2MUmsZxZ1bK7I5TtmyudZsNjEzib3a6xwnXQOjayZRNYnP2t"
    "BnVDWGRamaJGJsxSoW2UtDI2Z57CNELfSVoAdb8Pgh0x4JoKbZ8I47hE7Y7+RJs+JKzRv2"
    "tgzofYfFv/1uXhgLvgdrLCgN91wHL5bG8+jSU8+unphI/fS3ahu6vboYdtJbyxpAHQb9NB"
    "TV6GaaAyus3HtsPiywYxk5S1jR0UfiUJKhi7/xad/9fktsLLNVFx/ut14/Tw1CPLYsuWm6"
    "c7Xing3Ujd9Ro5CClcb7PLLCYmsvXTXrz5IlmOGJfiQYG0ZKrqwMV2901eX7euNr/Mfe3g"
    "HyNHbPJ4kDzydfENFFC4dKSRiiTLsfvbpfhMIBM6G6VX100RxTC90/KdoFdx6Ik3bwbmAM"
    "z6eLFeVsLsVohEzuKsYhRbMgjkB8rHubYWojsP0Sp4tGI1uJhqqtTbAgwpuNGgVxV76GWo"
    "ItY0aZK4nw/LYHaMwdhG0b3bvyM3PIDBajI6C1Q76Cr03tSl5bf0T/2XTf8ICIyjyP7afA"
    "MQ/1UYOJKtNbXXRCmpuuRQkcBF8Szt7WhVtLF25rmVy/DS14N8pa0oP2DbSj93olDOm9Xq"
    "4lHari4CY3nJKLNknWLtyMhbvcvCss3ihNAxfwcYn1e5y7fI/TjiCTzhVelTyaMaIGYtw/"
    "PiqBsmqVi7OuS+wTSsZxlQRbBegoTQNxXrNT01KyYnW7ckjV+g5qbVM2bayYYBlKZ6F2Ze"
    "9Bkrj1H9SZ14GSWkGgipK0wlSGMAWKfBUB1W/eYpmBpVDCzyphsSFZu//Uef+xHD6fr+Sm"
    "jlO2XK4zl8eYrhaLECNseVxnHsNNJYM4Ds9wxA7Jt7zDL0bVhHjdIp5e/jmMsTPQsV59HP"
    "z5a4ylH26ufwuaR3Syiw83b1KGhcDUX82yEKVqAu5xjfekjGHhJN+ucJIyK/jukMrxHnG6"
    "Jgl5uw35iLinnhmgELmm+sIYUTZEIb4GY0EKF4O7i8Hby6IYhU36lC8fiZ51yqHsVXSLvM"
    "kEmpT0JN+wpfeTjxFGqj3Bsy5SvRNm7XFmP8HdXvCWjUZoytXcEbXAZWshkC1E17/QixFM"
    "VBGi+RRu1zJ3dq+KwRPLENkDn27ax7z10TMdut6oUK260n681lVbm52uW+CqDRlX/opOQN"
    "FAa/b670AF70OlNR4hak/1lWNoW5d56DI/KeMyT+p4EZf5ScpRo3aUNLj/vLu5zrGp+O2T"
    "mjY1Jfofsql4ieu6AFRAolghS+pe3bjiDB0kFTIlh2TpwEVbyZJkpY2kborYTvaRVg3ejh"
    "pc3YbX+nxrar1LKde7UQHfu/edDAUQirtF6t/Ub1BK93P4Yh8NkIKNQjHExI5GZM7N6bkv"
    "x41Gr5VapSBVWzGxQKUSC9DPLASn4j0WBCllSoAKRhZIk2Yrepsb6seJlSopcMXJetZpr6"
    "qDDrd6mp58xUyzpsp5syRooPi65iAj8SQkmamTmTBJVZ8ZIlWB/ptF3EDM168KO66dFV6b"
    "rzMsCZ6lNNRMitqGzlCT4ze8BpVxCMfuSOUfxYk7WeWOZE3dRVM1S7g9A+ZM307dRdwzdk"
    "6xPd7jc8K0FXQfDacEkW+m7epsiCHPkA3HJeNILrimtfE8+3DexqBrPqZbO+v27KxtFr5G"
    "ajptFr6fiMH1dtQ3dVdtU5LUMUiizeFQLkCiRA6HjC1mDcCuNfZkm3vLyw89uSNCeA+dUn"
    "uCqkKlR3iNKmg8Np/sUdb1UqaPRmHevNEI6fsyYChU3PSKIIs8hIEEOdolfyDsFzAmCrjW"
    "n63frH+IVpup8dZfpM20CR1/CnE3eJtXUGjayPoXweE2zVxdxOk2zdxz0sztWt7zYiKzxL"
    "1ltGSBtKfblBT2wGQ8JdiKRvue6wDfp/P+Qf9kr9fb6x8pkYw7wQeFhBK30JWSxhy+gM/x"
    "PKg6yOakEzxBGqpl4igs/R7TEuAWx32GWKh/U29RvjMvaL8e/91uJcONeO/yZcA2sHW3R8"
    "dudrqhz4jURrc04+Tvc96mUG6bG/jfGVtQOUW9z27/oHfYP0BCaQ8CQmAcMuOPEODifYXM"
    "UbKkQ6wuEtzbTubwcbPg+2/IxExtMFRtOzDrIDVdIlff5gds9d0av2BFe91uj5Vd73EbDv"
    "vUr1ga3eIQsiVRk46RdXzurTXN5KLcJMXdP39WYHOcsjXP1I3LFQS9lNfomWmrm3dbOfbO"
    "tOm9d5XeW1ulMpSGwFqVrzOAwaesysAQNnU6bLjwTODCspeh2o+FpwzZfEEcJZwLApms9T"
    "1nw7vn7LWEaevU11J/DXmGLeJl3zb5TD2claE2bGnQVnV4oaqDXhJVdIclQeNsUhtJyRp9"
    "n6rAnKRbywW9GoG9/vD9sRrVqKoJx4gaqA73j8skc1atCtZ0KqHzHAux4OrQnWJR6Q5Qir"
    "BFvBziDs+KZSu43Ou3byC+a05O3qbM3vRtttbik4v7S7cFxNiskzytxOYY5XbYvIN40RfL"
    "5dbisymLTzSOdnWQIiG7TQFpk8aeAXGoOe1kmHv8mm6RwQeHbX5k8cmHYc3Wkp/FVPLM1O"
    "orxIrky4D5kSJNEAE3osTAS1UBYb95A9HtHRyUQFe1ys93BnUJMZszmfmNpfz8BRGSNu3Z"
    "S0ph8P3/YNrjFg=="
)
