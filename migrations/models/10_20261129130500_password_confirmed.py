"""Whether an account's password is known to be its owner's: anybody may have registered the address.

Verified hosts and admins, whom an operator made or who proved both, are taken for confirmed. Of verified guests nobody
knows; a link to set a password confirms one.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "users" ADD "password_confirmed_at" TIMESTAMPTZ;
        UPDATE "users" SET "password_confirmed_at" = "verified_at" WHERE "role" IN ('host', 'admin');"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "users" DROP COLUMN "password_confirmed_at";"""


MODELS_STATE = (
    "eJztXetz2joW/1c0fGk7QzKBPDf9RNv0NnvbZqdh9965TQcEFuCJkahlQrJ3+7/vOZKNbf"
    "yoTQgxrj4lSDqS/Dt6nJekvxtTYTFH7neGQzHnXlfcMt44J383OJ0y+Cc1v0kadDYLczHB"
    "owNHEVBdsudhUZVFB9Jz6dCD3BF1JIMki8mha888W2BrjT8m1COUODa/JTaH/6bUdsjMFX"
    "dMnhMPc21PEpdRi7lkQiWkMVVoIO73Sb9v2WMmvX6f2JJcf+jstY9PiBipUqofTax2wu73"
    "sT+WGEKHbD7eftNzbn+fM8BmzKCACx34+g2SbW6xeyaDn7Pb3shmjhVjhG1hBSq95z3MVN"
    "obe3zJvfeqLH7YoDcUznzKw/KzB28i+JLA5h6mjhlnLvUYtuC5c+QInzuOz8KASbqzYRHd"
    "ywiNxUZ07iBfkVp3IExr9Hqfr7q964tur9dI8DygiPDCTxoKjuMFuioVAGPswt4/2u3Dw9"
    "P2weHJ2fHR6enx2cEZlFX9TWad/tCdCdHSVSnMLn+7/NzFDgkYlHrMYsIPRUM9qqkUM0L0"
    "b+Hjk/i/nVA3Hf2g/Ar+8GGr+Ado5zEgSAg5EE6kbbBgSu97DuNjbwI/T3LA/U/ny9sPnS"
    "8vT17FAf7sZ7QxB5EOkdXzpwy2IcVm0H3e4R3H9qgIuEfZ6B6twsvuZ7bLZI+mQPwOQPLs"
    "KUuHOU65ArXlk+4H/+zgsM6Bunv56eK62/n0L6x+KuV3R+HV6V5gTlulPqykJgb9shLyx2"
    "X3A8Gf5K+rzxcKTiG9sataDMt1/2pgn+jcEz0uFj1qRTEJkoOkGJvnkllr8DhCtgEG+/PG"
    "8PdJ+Ov2yooAEaKfywHrTdh6SgIohI1uUwUBxDTJhffCZfaY/84eFCcuod+UD1kK8r48/W"
    "+/mt3iwI9ghAWpYfsuXSyF1ujAg0+HD2ae3tM712877y4aCuABHd4uqGv1YkhjjmiLlZRl"
    "2WTWtD1dTaGcjhU2+BXYZx/0N0Lc6s9L6DdBVq5qM9CFCis1glg2Z5IsJoyjqqAq0poCqg"
    "eCM61gLECrwLqZ9RqUDcLZHagaFhvaliZGVQE0E0WuiCnoFWmqzNM2eMNveL/PhWcPWc9l"
    "d7aELw1rd6j0SJAMtQjJyHBC+ZhBVeM5iGyqpHAs0I/OCYWKsBndCHWwc5DP4e8+tgMq2N"
    "TG7QmmkutFmhFD6hCVqD8GE3X1+FlY/2vFeOiCjd33yEg4jlhIMoIqVfH/YiPF9LGv0cGs"
    "WlUSEZT62oCMO8QCt8jGN6O5VVJzU0NDJjlwPaWOk8mDkOqpds7tanCaFYft05Ml+PgjD+"
    "7rT52PHwN8QzzDOVBS1owRGnWi0uIm49ZaKmNIZhhcaQbHtq5ULmdM4hW6PDbXi8XItpWl"
    "MC6ilDFhJSnXMmVVTOGO27IO2wVsWYftTFsWZiW2Hm+espVn4xxS1NAQe1YA37NMeM9W0Q"
    "1E9yS+mVJSlKROclK7dXR6dHZ4crQUlpYpeRJTUlhaUZZKQJtC+bwIt6qD6tBl+MFrCChx"
    "SiOjVFpGmc+sNdkcpzRsrjSbh2gpddabznFS48KoMp+Voa+0DyNKVScRYytWser7j2oK/S"
    "45kJ5jQVvbg/QFlqEvl2+7jeTSsgFQu0E9NUU1uphmwJrtmYuE7DDHvmOuzVJ08Tc+7fvf"
    "vzCHeumqiw/3O13Pw87uywnAY6NSDIfzGQy4R+N05VdUBKhdGZo/ntLRuxxYKZ7e6KDLdv"
    "XGh/jPnb0dohV27ZKkgeNTLJhskoVrex7jGAiK3ked90ICDpRLqBbqaJIZtS0yeADahXBv"
    "mZv07z5BG9qlS4FyOvNkv09U7K4kQLNgrgwCWVVMLJp+mdsk/b4jVMCrw6hkUvcGWiFi7r"
    "3GXEat3tTmc49J7bY9ICPhEuo4ZDD3brjLpjgYXYmlXfYdXW2wKOmyfov+t6m68QOJ7e2T"
    "ju4IHUBL0EXihxqrqFxKcMuAVAtQIr6n/jUku2Jxwxe2NyGc2crjjG5iKm+ZpbsF9VgWyL"
    "n+l2BlUINfd1PViH5p5SOXjHtZjuOvQXwA5kftNkEsaBQYNarmls1wP/qW8Dm7bGjPIFNJ"
    "WRGjhXEyV9PJbGynm7fymZDrpaW/1Spg6m+1Mm39mBUHd3UtKjhoV8nMwE0ZuMt1vcTgjd"
    "LUcAAfFxi/x5nD9zjpqopsj0UhjhHVEOP2cZHDA1AqE2eVt7JOgBg2ByG7DNBRmhrivGG3"
    "qwViZHnLd0hlvBuVtnoPHQpMsHqgS9hOaf/GKrHxcFSZ14EeXUKgipIYYSpFmEJbQxkBVa"
    "SeDDRYqt0XhJ91AndDMrP+VHn9sVwxm63lSI9TGi5Xmcsjaq8XLREjNDyuMo/xLFWPua5I"
    "cRV32X3W5hejqkNEcR5PL/7sxtgZ6FgvP3X+fBVj6cerz78FxSM62duPV28ShoXAG1HOsh"
    "ClqgPuT30rgYng/CWWMd8hVjrwKE63lixftQn160R9/Rz5evoHc2K+Io7hR0YoRc6p79YE"
    "KBqiFJ/66bcHrA7xDeBaMJyuWmN7x69juLhjqsuJEB2d0cyLz2FYpGBszhVfxpOIEaEEyj"
    "M6bRKonXFrT3DnQV3kRj3a75OJgL4T25Iq8gOFCNn0oz8owY4CIZlN8LoCPp8OIFkHkbA9"
    "DE5JRu1svfXU0BTdKmZDVSrsYDXoxESWVDKyJGRc8TOPAUUNnW+bP1QazIdSYzxCVCdL85"
    "bFUxPhE0b4FLlVsZV9rWIrea8irChJcP95ffU5wwTsl19Vqe2hR/5HHFvu4rjOARWRyLcf"
    "rZqKmnEFGStYtR+BHJJmsstbSpYkRs1ddx0xVrvtWO3KW+uMla6iVrqEseJ5VMAP80EjRQ"
    "HE5Gae+jfxCxTS/VyxwLMDAJuNyRjN3++zmRhOzn05rt9XJwVgNRAus5pELlA7s1C3wpta"
    "BAxLgvvjgEpGQK3C4wacLYiqJF3l20ajG75NPP9GtE2eA62CXrf+XWjZyppiTZk9aElQQ5"
    "F2w3GS8kF6bAq7NeOeDXWmiFk5OnEacQ0x37x6jPuzY/NSAcBRmhqCvOl7l+ZO2hmMbE1t"
    "SfAoVa1isus2NLWKCD3hcd4U0Sd21jdbAFo5W1xMEFLUTTKBXuIpUDQi++6WJhHaxDyhzm"
    "hPzBhXtud90p0wwu6Hzlxd6hvyjDgokHBBvIVQtA6dpQtC22jUPKtSaU09z7ptLpOtpX5p"
    "LpP9hRj8jGE+Bdha11XV3KxVxVAfcxUR2dRVRClLzAaALR5BVbG1ZZMRVM+j+FwzKfVHJ9"
    "SeICtX6ZG6UAmNxxHjPZs39csf/X4YPNzvE3WoEo2ywE2d9Fo99WhbwVMj6v3GF2i4lXg9"
    "Tbp+s/kmjDZT4aU/T5sxUe2/hLgbzOY1FBpz/GonOGxuS62KOG1uS93hAO9rHYmaJu4tY1"
    "RzpD1VpqCwhybjCaNWPMYaw6ofztsH7ZO9VmuvfQQimXCDd/Fkv3+upDHfH69v+oPf6iE7"
    "FWD+QolqLw/IgI1gyCmJbWS70nuVlAW33oMbfokPk4sFPol3C9XilYrqlkW8C3J5eyP1/M"
    "48VrZUfxNTMdsLGJSv3SPNm3KyZguSJib52WxpOIXL4R5QGNAft+k/zx7V9RmR2KKWBrjs"
    "HUov4sU2qI7/0Km6ibZ1M28ftA7bB0SC3icxUMxlU3GH0V/6GVQXtAAdFSb0Gj7DLSF4gJ"
    "YMKYdV3Ya1HnuNl+Mm9qNtNGgsFRWeYHkbzPPu5c+9xj1xmLSaYkl088Mrl0R12kY28d6s"
    "Maplolwnk4u//6zB5jilMaxVjcslBL2Ev++RD2ds1NdXCctPbM6YB0ae64ERZU9MURoCO2"
    "O2zoCmuqIqw/KFC7wggOEBf/1Ghj4xgk99OGLBXBDOJcO3NNS9AD19L4Auid1Wr1wA1yW+"
    "42Ex/f7HUEzh46wUtWELjepXR/B5FYDbd5UC3WKC75d4kogFjEA8BIP6iVJG0OylrzjwHa"
    "e2fj0ElBS5EMBNYP/IdqdBbaqqxUSoixPwRQ8gueFIPxD3Tf/OBDHDcS7cJllSh60FNWN7"
    "yz69kOdA+DAQ1gN81gPUfMdAcxrb0mOuombBYyL75I3wJjecuoxwxqzgtRHiCoeB/sUJNC"
    "4hNXjE5JaxmQy8w4EhUMMqjbK1y8qWmkRltK0lQe1Mp09yR310BSoD8yrdRo4AVwjszR8G"
    "GkGrvbK2gxhRDQ0I7eMir1tAqZwxnXjhYrmxweZV6kRhgtAgXgxx3JfLAB2UryG+G36txb"
    "wh8tRHCI2NLBP3XbeexNisrpFbi80xyu2w+Rlio2vB5YheXJbNK6TGFlplPqfaLspyPLMS"
    "w/sq896yJYK81lMdcVLD5yrzWdv41okVjxIaHleNx2v5tNRZn0d6ajraWtzFqnZXGs93ax"
    "nfXwGQ4g/Urw/TO11PEc9fNdeQfJiiRwbXBylyOrEuY+kpvaMdGJfDSSPFP+rnNPM8pDQs"
    "8zMXaTYMG3aW/Sqeskc+NbhGRHu2CTA7nr0OFsAnsWHjpCqBsF+8hui2Dg4KoAulsi/Uxr"
    "wVK6vgXuqb49lXtUVIzL3au3Rb24//A7CfYrw="
)
