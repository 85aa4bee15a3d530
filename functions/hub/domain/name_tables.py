"""What names are folded by: variants of kanji, letters that no accent explains, honorifics."""

from __future__ import annotations

from collections.abc import Mapping

# The fields of a record that name a person, the whole name first; and the objects that are no person.
NAME_FIELDS = ("name", "last_name", "first_name")
NO_PEOPLE = frozenset({"company"})

# The first of each group stands for all of them. Variants that people, registers and keyboards write for one another
# in one name (Japan's koseki allows most of them); not those that make another name (原 and 源, 太 and 大).
_GROUPS = (
    "高髙 崎﨑嵜碕埼 斎齋斉齊斈 辺邊邉逎 沢澤 浜濱濵 広廣 国國圀 島嶋嶌 桜櫻 滝瀧 竜龍 塚塚 吉𠮷 徳德 恵惠 真眞 学學 "
    "会會 関關 条條 桧檜 桑桒 渡渉 黒黑 栄榮 円圓 宝寶 実實 寿壽 応應 万萬 与與 弥彌 祐祐 神神 福福 祥祥 靖靖 晴晴 清淸 "
    "靑青 増增 曽曾 将將 壮壯 庄荘莊 峰峯 穂穗 豊豐 礼禮 翠翆 藤籐 芦蘆 薫薰 蔵藏 亀龜 鶴靏靎鸖 館舘 鉄鐵鐡 鍋 条 戸戶 "
    "双雙 台臺 来來 糸絲 聡聰 静靜 瑶瑤 瀬瀨 頼賴 涼凉 凜凛 弘 巌巖 岩嵒 岡 崇 仁 凪 亜亞 悪惡 為爲 逸逸 隠隱 栄 衛衞 "
    "塩鹽 奥奧 横橫 温溫 価 画畫 絵繪 楽樂 覚覺 巻卷 寛寬 観觀 気氣 帰歸 堯尭 暁曉 勲勳 経經 蛍螢 県縣 剣劍 検檢 顕顯 "
    "権權 験驗 厳嚴 呉 巧 効 鉱鑛 号號 済濟 斉 雑雜 参參 蚕蠶 桟棧 賛贊 残殘 児兒 辞辭 湿濕 写寫 釈釋 収收 従從 縦縱 "
    "粛肅 処處 緒緖 叙敍 奨獎 焼燒 証證 乗乘 浄淨 剰剩 畳疊 嬢孃 譲讓 醸釀 触觸 嘱囑 真 寝寢 慎愼 尽盡 図圖 粋粹 酔醉 "
    "穂 枢樞 数數 声聲 摂攝 専專 浅淺 戦戰 践踐 銭錢 潜潛 繊纖 禅禪 曽 双 捜搜 挿插 争爭 総總 騒騷 属屬 続續 堕墮 対對 "
    "体體 滞滯 単單 担擔 団團 断斷 弾彈 遅遲 痴癡 虫蟲 昼晝 鋳鑄 庁廳 聴聽 勅敕 鎮鎭 逓遞 点點 転轉 伝傳 都都 灯燈 当當 "
    "党黨 盗盜 稲稻 闘鬪 独獨 読讀 届屆 弐貳 悩惱 脳腦 覇霸 拝拜 売賣 麦麥 発發 抜拔 蛮蠻 秘祕 姫姬 仏佛 払拂 並竝 変變 "
    "辺 弁辨辯 舗舖 歩步 褒襃 豊 没沒 翻飜 槙槇 満滿 黙默 野埜 訳譯 薬藥 予豫 余餘 誉譽 揺搖 様樣 謡謠 遥遙 来 乱亂 覧覽 "
    "略畧 両兩 猟獵 緑綠 塁壘 励勵 霊靈 齢齡 恋戀 炉爐 労勞 楼樓 郎郞 録錄 湾灣 脇脅 柏栢 杉椙 葛葛 飯飯 餅餠 辻 鰺 榊 "
    "冨富 冴冱 喜㐂 坂阪 兎兔 侭儘 船舩 舟 勝 剛 淵渕 藪薮 鷗鴎 祢禰 彦彥 諸 隆隆 朗朗 羽羽 都 琢琢 猪猪 益益 精精 "
)
VARIANTS: Mapping[int, str] = {
    ord(variant): group[0] for group in reversed(_GROUPS.split()) for variant in group[1:] if variant != group[0]
}

# Latin letters that NFD leaves whole.
LATIN_LETTERS: Mapping[str, str] = {
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "ı": "i",
    "ħ": "h",
    "ŋ": "n",
}

# As words of their own. After a name with a space only what is nobody's name (Chan is a family's), with a hyphen all.
_BEFORE = "mr mrs ms miss mx dr prof sir herr frau dipl ing mme mlle monsieur madame senor senora sr sra"
TITLES_BEFORE = frozenset(_BEFORE.split())
TITLES_AFTER = frozenset({"san", "sama", "sensei", "jr", "sr"})
HYPHENED = ("san", "sama", "kun", "chan", "sensei", "dono")
# In Japanese, with or without a space, after a name of two characters or more.
HONORIFIC_ENDINGS = ("様", "さま", "さん", "殿", "氏", "先生", "御中", "くん", "君", "ちゃん")
