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
    "eJztXVlz2zgS/isovSSpkl2WfK7zpDjOxDuJvWVrd6YmTpEQCUksU4BCgFa8s/nviwZJ8W"
        "ZIWQfN8MkWgAbAr0GgLzT/7syYSWy+/46xB4tOOufo7w7FMyL/SVZ1UQfP52EFFAg8slXb"
        "kddIFeIRFw42hCwfY5sTWWQSbjjWXFiMQus/pgyZFiUcLaaE7iNdVx3pOrI4ElOCGCXyLx"
        "ZogTmCvon5FlkCUfJIHGQSwzI9YtnYQRgpckWMH2SHMAuTGXIa3jNtfMB7ek91nTJhGURz"
        "yKPF5ZOGvduYCxQUy14YJ8iYYjohsquJS2QttGS2idj4HGHZEQzjDYJtmJysp/LvPowzd9"
        "jM4sTUuMCOiAzDDGwjVeg9DBR63cNjQf9vEXVtW07BgukLNGa2zRYcjWWXqvl/YRDAz6XW"
        "N5dogk3UM0sUv3yVxRY1yXfC4eeXjsuJo1kmNFejcg2Ljmz1pSMrHgELEwvS+QqE8wdtbB"
        "HbjC0xj1aVa+JprsreWZMrKj6otsDHkWYw253RsP38SUwZXRJYVEDphFDiyOFgBOG4sOzg"
        "Wf0VGqxE77HCJt7zRGhMMsauDYsXqL0JhGUdTbu+GWp3l0NN66QWdkARWXp+kcEovBRyql"
        "wBMIEp7P2j3z88PO0fHJ6cHR+dnh6fHZzJtmq+6arTH95kQrS8rhRmV79dXQ9hQky+ed4r"
        "CQU/FA0W2KNSbAvRV0uDpzlwN8O2ncuDkOrnfAhQL2JEUBByItw1tseKw/7pyRJ8+FEE99"
        "3nwadPAb4hnuE7kIL0vQREWDOSDWmMMIGq6VPuB/+8QIwLoBxefb68Gw4+/wu6n3H+zVZw"
        "DYaXUNNXpU+J0tcnb+JLfdkJ+uNq+BHBT/TXzfWlgpNxMXHUiGG74V8dmBN2BdMoW2jYjG"
        "ISFAdFMSYTaq7C4ghZy+BaMzh2dGVyOeclTtAVsblZLAa2JbbCuIiShvFiip1sGNOUCSDl"
        "pErA55/mdUGvM8PfNZvQiZiq86UAzf8Mbi8+Dm5fH/YTL8G1X9NXVamjR7gZR3k+ziHFSv"
        "jWbXnGAT4rge9ZLrxnSXQD0T2Nb66UFCVpkpzU7x2dHp0dnhwthaVlSZHElBaWEspSBWgz"
        "KHeLcK8+qBoOgQdeQUCJU7YySq1lFHdursjmOGXL5lqz2cDUIPZqr3OcdA2MrplE1SQ+K0"
        "OfVtUYFqVqkoixFatYZC8NjZjlsY8QtdBXgh5sweOHTHskgJpmwwfmEGtCfydPihVXct6w"
        "t2VA7zss/u1388JY8CNYY0FpuOc6eLE0nkeXnnx2+cREqKe/ldvQ7dXFsJPeWtYA6jDop6"
        "GoRjfTHFhh5Y6w8bDAjqnlLGFJZz0SxyIZuvg7n/bD77fExiJbdfHhfu/189QgxGPLkhmG"
        "O5cr7tlA3fgdNQopWGmszyIrLLb20lWz/ixZgimeqEeCsWGk5MrKcPVGV12+rze+xn/u7R"
        "0gT2P3fJI48HyyBeFdtHAsIQhFFlXuR6/uFZc4YMplt7KPLppjy0SjJ0m7YM4DcdIO3g2M"
        "4fl0saSczQXXdWQwVzIOSZoFcThiY9XbDFs2AtsvcbpI120pGsq2NsGccG82chTEXPEWag"
        "k2tZlFXUG457c9QGPmIGzbaOSKe+qQGSxGh0Nrh3wDX5vclby2/oj+s6m+4QGRJfI8tl8C"
        "xzzURw0mskxtddEJKW66pkXgIPiacPa2LtxaunBby+T6bWjBu1HWkh60b6AdvdcrYUjv9X"
        "It6VAVBze54ZRctEmyduFmLNzl5l1h8UZpGriAj0us3+Pc5XucdgQZ1lziVcmjGSNqIMb9"
        "46MSKMtWuTirusQ+IWUcV0qwVYCO0jQQ5zU7NU0pK1a3K4dUre+g1jZlw8aSCaYmdRbLru"
        "w9SBK3/oM68zpQUisIVFGSVpjKEKZAka8ioPrNWywzsORS+FklLDYka/efOu8/psPm85Xc"
        "1HHKlst15vIYW6vFIsQIWx7XmcdwU0kjjsMyHLFD8j3v8ItRNSFet4inl38OY+wMdKzXnw"
        "d/vomx9NPN9W9B84hOdvHp5l3KsBCY+qtZFqJUTcA9rvGelDEsnOTbFU5SZgXfHVI53iNO"
        "1yQhb7chHxH31DMDFCLXVF8YI8qGKMTXYCxI4WJwdzF4f1kUo7BJn/LlI1GzTjmUvYpukT"
        "eZQJOSnuQbuvR+sjHCSLYneNZFsndCzT1G7Se42wveMl1HUybnjiwTXLYmAtmCd/0LvRjB"
        "RCUhmk/hdi11ZyNZDJ5Yisge+HTTPuatj57p0PVGhWrZlfLjta7a2ux03QJXbci48ld0Ao"
        "oGWrPXfwcqeB8qrfEIUXuqrxxD27rMQ5f5SRmXeVLHi7jMT1KOGrmjpMH9593NdY5NxW+f"
        "1LQtQ6D/IdviL3FdF4AKSBQrZEndqxtXnKGDpEIm5ZAsHbhoK1mSrLSR1E0R28k+0qrB21"
        "GDq9vwWp9vTa13KeV6NyrgR3fUyVAAobhbpP5N/QaldD+HLfbRAEnYLCiGmFhdJ3NmTM99"
        "OU7X30q1SkIqt2JidhFfgHZmgm4FiQWYXJYIzscR5gRJtYqDMkYWSHWSrfJtY9CfJ1uqpN"
        "QVJ/BZpw2rDnrd6ql78pU1xZoqZ9CSoIEi7ZoDj/gTF2QmT2tChSX7zBCzCnTiLOIGYr5+"
        "9RjOZ9uilSLqojQNBHndaUJcOyuoOV9TWxI8S1Wrmey6DU2tJkJPePksQ/SJ3UzLF4ASN+"
        "HKCUKKuoumcpZwZwmMyL53oIuYZ2KeYnu8x+aEKtvzPhpOCSLfDdtVOShDniEbBBLKkFgw"
        "RWvjebYgtI1B1ywItdbt7Vm329yHjdQv29yHvxCD6x0e0dRdtU0EU8fQlDZzBlpX5oyMLW"
        "YNwK414mebe8vLD/i5I5x7D51Se4KqQqWHe40qaDw2m+xZtOslqtf1MFuhriN1SwmMspKb"
        "XhHk7ofgmyAzvmAPhL4Cwy2HZArZ+s36h2i1mRpv/UXaTJtG85cQd4O3eQWFpr3P8CI43C"
        "b3q4s43Sb3KyPy5SX327W850WiZol7yxjVAmlPtSkp7IHJeEqwGY+xhrDqp/P+Qf9kr9fb"
        "6x9JkYw5wWecuK6fK2nM98eriGv4rb67pALMXylR7fUBGpGxXHJKYhtbDhdv0rLg1mdwT6"
        "9kU4ct4AtOD7JbSACmcoJB5rJlrjEs/Mk8V7ZUf1OvYr4XMGi/Hg/gbsXLjThZ8wXJNiZ5"
        "Z7Y0eIWr4R5QtKA/79DfzRk19BmROqKWBrj8E8rbxMsdUAP/u3wLS0xR797tH/QO+weIS7"
        "2PQ6CYQ2bsEaK/vK/2OVIL8KLCmLeHz+FICL6XiAxM5a5uyb0eZh2kckzkttz8gK2losYv"
        "WNEBs9uzfNd73IbDpNUrlka3OLxySdSkY2Qdn0dsjWq5KDfJ5OKfPyuwOU7ZGtbqxuUKgl"
        "7K3/fMNO/Nu90fe2fadPi7Soev7IkZSkNgZ8zXGcBUV1ZloAgbKn08JAggcMHfy+ju3RiB"
        "xPQ2WxBHCuecQOZ3lRdA8/ICeC1h2ipVvFBfD59hk3jZ6g02kw9nZqgNWxq0VR1eqOqglk"
        "QV3WFJ0DhD4EZSGEffpyowJ+nWcqG1RmCv/2rLWI6qVdWEY0QNVIf7x2WSn8tWBWs6lQB9"
        "jjlfMHnoTjGvdD8uRdgiXg5xh2VFIRZchvfbNxDfNSfzb1PMb/pCXGvxycX9pdsCYmxWSd"
        "FWYnOMcjts3kGk74vlcmvx2ZTFJxoBvTpIkWDrpoC0SWPPgDiWMe1kmHv8mm6RwQeHbX5m"
        "8cmHYc3Wkl/FVPLMTxGsEKCTLwPmh+c0QQTciBIDL1UFhP3mDUS3d3BQAl3ZKj8/INQlxG"
        "xGReY3yfIzT0RI2jSBLyn5xI//A2ON5IU="
)
