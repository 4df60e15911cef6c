"""Guests and accounts count their changes; and what keeps the answers of requests under idempotency keys."""

from tortoise import BaseDBAsyncClient

from migrations import sql

RUN_IN_TRANSACTION = True
REVISIONS = """
ALTER TABLE users ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE guests ADD COLUMN revision integer NOT NULL DEFAULT 1;
"""
TRIGGERS = """
CREATE TRIGGER users_count_changes BEFORE UPDATE ON users FOR EACH ROW WHEN (
    (OLD.full_name, OLD.phone_number, OLD.email, OLD.language, OLD.role, OLD.verified_at IS NULL,
     OLD.password_confirmed_at IS NULL, OLD.erased_at)
    IS DISTINCT FROM
    (NEW.full_name, NEW.phone_number, NEW.email, NEW.language, NEW.role, NEW.verified_at IS NULL,
     NEW.password_confirmed_at IS NULL, NEW.erased_at)
) EXECUTE FUNCTION hub_count_revision();
CREATE TRIGGER guests_count_changes BEFORE UPDATE ON guests FOR EACH ROW WHEN (
    (OLD.name, OLD.phone, OLD.email, OLD.language, OLD.erased_at)
    IS DISTINCT FROM (NEW.name, NEW.phone, NEW.email, NEW.language, NEW.erased_at)
) EXECUTE FUNCTION hub_count_revision();
"""
FUNCTIONS = ("hub_keys", "hub_count_revision", "hub_commit")


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "".join([REVISIONS, *(sql.read(name) for name in FUNCTIONS), TRIGGERS])


async def downgrade(db: BaseDBAsyncClient) -> str:
    raise NotImplementedError("the release before runs on this schema too")


MODELS_STATE = (
    "eJztXVtz2ziy/isovySpUnxs2Y5znCcn68nkzCTZSnxmtzaekmARklimAA1BWdbuyX8/3Q"
    "DBi3gJqSvF4CEVi0QD4Ncg0d3oy3+OJsJhnjy+HgzEjAe34oHxoyvynyNOJwz+yL3fIUd0"
    "Oo3v4oWA3nuKgOqWvQCbqlv0XgY+HQRwd0g9yeCSw+TAd6eBK3C0o3+MaUAo8Vz+QFwOf0"
    "2o65GpLx6ZvCIB3nUDSXxGHeaTMZVwjalG9+LpmPT7jjtiMuj3iSvJ11+vX3YvXhExVK3U"
    "PDrY7Zg9HeN8HDGACbl8tPuhZ9z9a8YAmxGDBj5M4NufcNnlDnti0vycPvSGLvOcFCNcBz"
    "tQ13vBYqquvXVHH3jwi2qLD3bfGwhvNuFx++kiGAseEbg8wKsjxplPA4YjBP4MOcJnnhey"
    "0DBJTzZuomeZoHHYkM485CtS6wnE1456vU+fb3tfb257vaMMzw1FghfhpYHguF5gqlIBMM"
    "IpvPzvbvfs7LJ7cvbq9cX55eXF65PX0FbNN3vr8rueTIyW7kph9uH9h0+3OCEBi1KvWbzw"
    "XdHQgGoqxYwY/Qd4+Cz+78bUz0fftF/CHx5sGX+DdhkDzIWYA/GLtAsWTOhTz2N8FIzh56"
    "sScP+4/vLu1+svz1+9SAP8KbzRxTuIdIysfn/qYBtTbAbd/S7vNLbnVcA9L0b3fBle9jR1"
    "fSZ7NAfivwFIgTth+TCnKZegdkLSY/PHAS7rEqhvP3y8+Xp7/fHv2P1Eyr88hdf17Q3e6a"
    "qri6WrmUUfdUL+8eH2V4I/yb8+f7pRcAoZjHw1Ytzu9l9HOCc6C0SPi3mPOklMzGVzKcXm"
    "mWTOCjxOkG2AweF7Y/m7Ff76vboiQILox3LAai9sOyUBFMKGD7mCAGKa5cIvwmfuiP/GFo"
    "oTH2DelA9YDvKhPP2/YTeHxYHvZoWZq/H4Pp1HQmty4cGjwwOzQO/p11/fXf/t5kgBfE8H"
    "D3PqO70U0nhHdMXSlaht9takO1m+QjkdKWzwKXDOIehvhXjQj5fRb8ytUtXmXjeqrNQI4r"
    "icSTIfM46qgupIawqoHgjOtIIxB60C+2bOG1A2CGePoGo4bOA6mhhVBdBMFLkipqBX5Kky"
    "2x3wjt/xfn80i9SduRnwDYyFPI+HCrVAPZweqkModxRLcAifEXhHhkPowCFD4RMpJuxeOA"
    "syd+GFmQU422M1oC9mU1hNceePjM/YM9kBGj0AF/oaGVBOkLMwlFAPoYifSaJmjZD4bAhj"
    "w7tpHgHIp0xM4UElXcCgdxyHmI5xeGgP/SQQVN3gyP0+zFGyXngb76nHeSaRCLXJHmAqYS"
    "nAXQWFJLMpaISEAQjYHNtI1A1Rl5Q4KjJG4cIAuHsGoJgZuAPW89mjG/YXTsajMiDmMjJD"
    "AgBjykfw+HqmBNRMaXRaeg+oXhlkYEDFXerhqoAeefjAoPpOXBQL4Hn8IDGaGFCPqIsa9A"
    "gPtZwM2RvDYReXTgCs9Twxl2QI9zW0/8aBqinD35JfEjW0Ekeh1bcjNXT+LbUWzC3mPyJ8"
    "KMYc/Wm160Zq10mGVedBkmpb8s1u9ewdMiMG33xf64GfpLLgrwx+tB3VMYCkiFpnA3ldwQ"
    "TyutAC8nrZAII7ImdeHXwTJC20320YX5SA6oBr2q+EbMMsDGlgL05OKkALrQrBVffS8MZi"
    "Zh2Q01QW6kpQi8GAoihdB+gkTftg7lZBuVsMcjeDMWfMkVmA/+fr508FnwtDsGyfdAcB+T"
    "/QouQhChslsCIUKaukgfP5x+t/LiP97vfPb5fNjdjB2yXYkwppFv2vE+p5hZLeMm2bpL2z"
    "7uWrSL7DH2US3deP17//niM/oyKas6bLUY2pLJ5pPGNlPgNp+WFGitCeVzX6PINxZ6UzyZ"
    "jMMrjRDE7Z3XK5XPASL9GVsbldLEa2LX0K07bYOnJplrJ90ulZt4J0etYtlE7xVmbrCWY5"
    "W3kxzjGFtRT8yFJgjiqy+BZKSUmSNslJ3dPzy/PXZ6/OI2EpulImMWWFpaXDoRrQ5lDuF+"
    "HT5qA68Bk+8AoCSprSyiiNllFmU2dFNqcpLZsbzeYBuuJ4q73OaVLrI9dkPic9AmocZCao"
    "2iRi7PggU3mT1AY/SWXBXxn8vXiHNuxL1gjvUPUxybKhtnvoe9PPgS3/PAdRM4GUh2jyq5"
    "tyEf0C28CXD+9ujzILfAOwVvS6bdjKXtfrNh9S7dW6Pqa3pp+2LtXkHlWAa7E7c+p0eTYF"
    "KF2WY2B6GxL/8tsX5tEgXx8PAf8cdrRoCei4lNPn8LPgXjytCZLq44YHfhWYDuSF/75N5/"
    "ibR6YGyrjG6xudMsd4hk0qusV/5pGXshgSSqA9o5MOgd4Zd14K7i1UWC0NaL9PxgLmTlz4"
    "h87jqGPJTuivTpWnNxBqZ214nsk9XBZwhxP2En2esz7yOx89x8n525EeFW+bc/U/bRhwU8"
    "S7Dil2VI4ZV/2AwFC08IBg8+Gq1hN8j2pkoYNQOfat9AzaMfQ2v0D0UTmtkmDgtDjDwGk2"
    "xQB8zrPgFvscmvbW5XANl0MQAkWOzl72KYlIrD1q9XiSvwqt4GUBJX8VW8Fb4CmyeTml/l"
    "GSPSps6BFSxpy7n+B0bfLN0b8jW3Cx/h07E/9Y//4axVlH4eIuj8OqpdaLVXhfR8Vio0Jr"
    "wrlBvU2GZ2fU6012juHmOjtX3ETSheoDU3KJObwmGJ08EFOXOUTFlGPku9LP3SDU8yV5rn"
    "Jx+e5oBNd1oLrsUZ/1NGz9/gsV94xqfL9/x10155vj01fnOmA8irsO47ixO9O3ioTWgeyS"
    "seWh9AA9nRAtJFHDXXMCr7iEWasmd/yBsSlaGYjraFsD9GPSDYSB8yIYwy89IvToOSbSfY"
    "GI2/Rizd+mi+0K6v8aG7Zp30Lxv3txUSXo6OKiOOoI7y050uLLXQfgiKB9wtDm3WYZWjvr"
    "oBsRtA/d7kUVWRNalSzfjLTpwc4xA7GhDsZJmhZ+JjbsmxzQUa2wRNPemgjWMBEctEO4dV"
    "c+8CV9EMrpciaL0WpsTlFaNjeazVoxXCU4MkloXZWbzGObc8l6y/4kyJd5y+J6zrKhtgvi"
    "H2hbfG86O7B3oKp3Z/Lltx6zu/KYreLZmUwLu7rHYiIDbUtWcCZN2JoIqYOQT+KQ4/5369"
    "IZA1Z0rGTQ/MHRUi/iXsVaLnh8oXKQkQeO2V/1sQ921VHHPFhGRXjOlaqfwgLqL/p9TKpL"
    "BwMmZb+PjUzu3WNyQwdjVXolPPbBHLoFlVx2NLA9aGmwxNEpOWixflZbs6Cyp1oZSkz7Fi"
    "K7leyEeELcm/Eg76SlOJ1OmmrNZDrNlPLyMM7JpWONpKsAeXiWlcYGgbdzsz2sYNgmFksp"
    "DIXdc7WUX2f3Rzl6A14u1RjGYYNKkWC+mB+TawJfARcvoztXv8+mYjC+iupnvAERHr4QAa"
    "wbp0PkHGO1HBTUMckZSOoOQXHvnoLQH9a74GxOVCf5AWC7GHTDGkJ5MtFNfriaoCSsnka0"
    "WPJXrKkjoEYELZRQNyz7y4UM2AS+YQwkTegzx/JYEiGXR9xCzDfvd4XipufWc2xL0rQQ5A"
    "0s7Ib4g39w2GQKGw0fLEBUytuJl1qUbspu3Lb3wBYVbXnXBNpqj2NKBrADYUUt+shC120y"
    "992AHZNbrH6FvshhHIm+7Qa4sVIusaiVowpAoaFN/e73iVJKcd+Nyoz2+9nteucz0EXO9E"
    "jQRjmcozO7GtQNjskXPYIkIxeu9PswP2iHHtqJWtDP56bMGpUPzHkB/+GDoNSgmujaZZy5"
    "qkgZDnLHKV9oD+/7BdobmTd8k5xtFIve0YHoasiBwIptqoZXcbS5fhi8DVOwkebN0Z3KxJ"
    "WYaVW/7DFFC7/rm4/getCfzMqGYN28hdCedqtsmtCqOOK2m5EI91/Vu1EYbyEAUe0LWYCL"
    "XZZjirWclg/HCLwVn+XDqqe+B3vXwVqRGyL3f2SYSEiO3WmezJ+4WyrvT6J2FUV9lKB94Y"
    "UFgqNivOrwm4OgreI3r3TQZYfo2cMfYwAerWKPLoOPS1Z+30y3KJR/NsWLkZbBCneIDprE"
    "s3lfzONqwBj/uUA7HR7pE49RnytHAPQNKDnATxWbjTLKWHH5IMRlXGN1pA3TvoWyRhm4Zg"
    "O8LJQ0LvPqZx5O1IHd8Faux7RazEGCzoYcNJnDe/F6b9yXck951WxSu6Y4JezWL75pLFjX"
    "MT5yScgs7w1g+ofpp6WgJl/oJjl6xAmlcxTOVLbpYn1zKbt1NecPRa1dtBU2oPfBhPH8Az"
    "PqhmEVHSJ0vt0x9YYvxZRxdf6hz3zY08CbocMGidEHjQ80Qo5dIKVHp/leIDsd3TqMN3i7"
    "6JQolnbv3qPgZEsB/wSKiS0F3HIGh1tp7Y9oms66Za/6FbWluZqjftqqO1ldyUygbtWdnG"
    "/MBpDdaBz2vuMNcqFNf1cbpYkmqvbk6aLpoj4l2mhUQaiKj+OESQnz0YeHk5kMyD0jkvHg"
    "SrkXBqDzhUlsoSsuoTdU+cIDxbCYjKalD5jwNiCc4dEj9Rcd1Q/qlJTMhf+Qd0S66wloD0"
    "cMbI39G10V58wddK+UKFlhJ88xS+MLjI4OxNQdQGvl1UjvAV51lfqgzcLlQKCL5ATdFad0"
    "4QnqpPwV77gujpN1WSRfwhhtVJf7feE7DFHphT6VvkZB3aXDAOaGDyxQge4oL0kHE/RSAG"
    "gyxTy+YYJedKVEV5fo0NcHNNxHJDLOnjhBj1FpMvgCrASeCp9g6Poy6DmgvqE/KDqQSoZT"
    "GOAMo8vo2jkBBd8hQ+HjgGpWwB9VPih8wyK/UDSnhQ+kN1gZn1ZTPLwmIwFTUU6rCuPQcx"
    "WRxkgVZIT+BR3CaGE2ZDwJpwQ7D1MEh/6kSvskXPjGivEmHEUNYFpF3qn4CCrJsuP4eGIe"
    "nbJzEY2lB4A56ezKyJaKdo1vR3qdYOtEJOWf1t5h7R2NPfizRWD27ZS68SIwag+rg25EYO"
    "GtAm/0ka+Mb0TRQoC3kgY6FK6yIBc7/SZIbKriNdx+k6JpnUW+TNe+hOebd23XQnZde3BM"
    "Zc3BjTYHJxWsukxeprUuZ03m9MCjwAOnLGtRiffoMrHldZN5bawwWTYXl/tLkLTphGFjef"
    "1DW1UNSBMUFtE8hwLGg1XcCWIy+xVq8lfI8QXm6VlFfExRWi43mctD6norMTlFaHncZB57"
    "FAR95vt5NYRv2VPB/pemaoOyXcbTm3/elhs6Ipb+/vnTe9N82fphCwjvw8hh05H+FJ+xPf"
    "q+Ne2FsrVe2n6uXOL3tg//rIa9ABv1z2pyqZd9O72tFNC2H4e3r0xK/cQZZzdzq1Pm6CZ1"
    "oxoxV54YvXR5xyTDi4WJZEK8MKgbs+Bidg1Xef4o/zPxwPgzTJcrXScvX992hrDRUw3+6n"
    "dISRY7K+X+DFKuzR7Rdg7b7BFNkaRtAoNDlvcC2NYmueKevlMu7ak2NRK6jRl1dIS7Jr1S"
    "slZY40B7dMNvNJpi0jQePENBrENOyD0bwoJS8phyuchP7La57jEm4QPGzWMOZ1WOwaGLq+"
    "5J99XL09OX3XNTmE1BIbFkm3asP738r2zDYegAf3r5Rg0RFWrAAAjs23gr9/t3HH3qgQIz"
    "O+tcdXOYpScGD0S5bmGkgqezTMfxBPpp15VM1f+ZF7nYxmrab8Zbcr/C6VaMq41zam/ax3"
    "Nf2Y98o8jWwT4istCvDD1+oOvhbigs6OvJa/sRL25DRmSkiyhcuFi40FtrNdniOkyeo+LJ"
    "Tu9m3ZPTs+4JkaCyS4xX85mOjcPAPdjNfVDgdBmlMOZtiiKBKZtMBpTDlurCPqu3/xxpYx"
    "cDWiNTg1+wst09WRm9Og+SVPZrt/IWs18pdt+Qb9lJQH3fsuiWF4OLiNq0qlevCJd0bXl0"
    "8yXRQiyTJPuF83RtCDfmRGuN+oVQt8nkGwpRK7A5TWkN+03msjWN7FtVtIl0a3vIFGbSjZ"
    "NDFSvgGaekHAnrbUj5y29fmEeDfAlgGwmj9o43fmrTkc/pzL6r45TKJNwWpLZpzVFHdDnG"
    "HHN0V2zLwdOvqqYcTsIUP5i4iGGmoTDrkSp9jYmnPDFnPhlQyVSGJ2At6+mMTrolTlvlEA"
    "KuS0Ym1GE64dRATODhnBxzzg4G1WmuHpmPNYWdKJnTfIzZtAKpSw5hlSC0GykjkaoP9FLl"
    "WtK+SK4vdU4rKecCuAnsH7r+xPSmupqPhcqIhPmSgOSOI/29eOoQnVRJTHGdC79DIup4NN"
    "MzjhfN6Zm8AsKFqpM0oVgr6RFTWI1cGagypkgYpmo6Jm9FML7jmFiKM+aYXE6q5BJCa/SX"
    "KDdWImVYmOgpxkIyuPZcpxlzRyPmh5mrZE/R9kKyfv/FMbkGdOHBJIxoslHF1ZhcJzr8Cz"
    "N/WQNb08WSTomBTb2gdYw8EUHrziq3k9cl8XWrA/My3UbibhoE9uYrpg9h1F5dk2WKqIV2"
    "y+7FRaU1fVGypi+yuYrCTRM2xnGtRb1MaBGvhrgtgRfhWwXdYmwzyHog98xARq+DbpKmhQ"
    "hXKRldXDA6Uy7amuatad4abasnVrI1OX8CLidsF3XZvERqj2CazOdc+1Jdjhd2YnnfZN47"
    "rkSQV8pYlCa1fG4yn7WtdJUQuSSh5XHTeFzD8TeZivyB8TVP06611f0Wuzpcabz86HHX57"
    "PNfDfKMRph3qU1EXqPfbQUnwlTB1Bjd7omSB+jjtr6usVVk9Y45E+XaGrhgkqm3Fgdp0R2"
    "j7YspW26QmiPphxfiMjVqdgZQjkLVQ5sAXkgoDOfomvCHzqM1GQmcdHxytOcfaYOzcOAV+"
    "rNmC5u5c88/CuMbZUsCHD/wrP/KWjjZMx8lhfcsv1BtTeE9GYj7QbhRsG2nExpMA5rc40p"
    "5wgrZl8J+wnrViGBHmiOHeJQC+K4wyHzdaKX7GTf4JCKJuxDu2qEQbQqLFjV6Q0zxegqZP"
    "oR/Ed3gIG7Cz2vOQbhooArdayujGN5hsJDVxHnmFzf8dDxNIz/jR0SfCwzZlwSEAQdP2zK"
    "hHGBzhbWR+GQfRSQq3XOZ0z71nkonJ9UOJo5Pyk8m8FbNsSnqG7SSRV0oVVx5aSTDL7/Fr"
    "wWvqZ9C/HdQp5V1JL9WjV7EiTty2RbxaWm2KMm41Bjj8a3fTSunLzqwBsRtG/xbt4hLHSk"
    "rYNvgqSFCFfa4M5KNriz7AY3Z/fSDWot4gSJBbkSyEZfy6JcXB0wSWPLA65RHlBpuXWQjw"
    "jWgr1hq3zXqFs3mLYeq9k45J+NyzaJS3PikBWqWUasFof83nR2YJwoOufoLMUiJ5fgGrHI"
    "9pyyDPTUpyLOVLY6SlFCtLYAtPXTN/0eFx3BRW/5D87heup1qXgap3oOw1TlODzgcn2ifR"
    "4w75s+6NFxrJiqFfO/YSQuJWocc1ok5jx77Lbx3u3ZUYO3u07J2ZE94Nj8AcdKjnG7dGZq"
    "Gh8qbX2xL8PqALUpO8zWt75r5ruDcd62F94p3fJo3OZHm10xDBveVn6WPWXNmLqyZOIF+a"
    "yLN4zibNZt2DO2Es2ML1UNhMPmLUR3Ky4HMGLAeI5BrdhinSCxRwU1jdY1hKHNb2bf/x+I"
    "ARHy"
)
