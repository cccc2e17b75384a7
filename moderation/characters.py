"""Tables of characters that people write words with to get past a rule.

The look-alikes are the letters of Unicode's confusables (UTS 39) that are told apart from Latin ones by nobody at chat
size; the Chinese pairs are the common ones of the Unihan field kSimplifiedVariant.
"""


def _pairs(text: str) -> dict[str, str]:
    """Each word is a character and what takes its place."""
    return {word[0]: word[1:] for word in text.split()}


def _letters(first: int) -> dict[str, str]:
    return {chr(first + offset): chr(ord("a") + offset) for offset in range(26)}


ENCLOSED = {**_letters(0x1F150), **_letters(0x1F170), **_letters(0x1F1E6)}
"""Negative circled and squared letters and flag halves, which have no compatibility decomposition."""

INVISIBLE = frozenset(
    chr(code)
    for first, last in (
        (0x0300, 0x036F),  # combining marks: accents and stacked noise
        (0x0483, 0x0489),
        (0x115F, 0x1160),  # Hangul fillers
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x1AB0, 0x1AFF),
        (0x1DC0, 0x1DFF),
        (0x20D0, 0x20FF),
        (0x2800, 0x2800),  # empty braille cell
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),  # variation selectors
        (0xFE20, 0xFE2F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)

LOOKALIKES = _pairs(
    # Cyrillic
    "аa вb еe ѕs іi јj кk мm нh оo рp сc тt уy хx ԁd ԛq ԝw һh ӏl пn гr ьb зe ғf қk ңh өo үy ұy ҳx ҽe ѵv ѡw ԍg "
    # Greek
    "αa βb γy δd εe ζz ηn ιi κk μu νv οo πn ρp σo τt υu χx ωw "
    # Armenian
    "օo սu հh ոn ցg զq "
    # Latin of other alphabets and of phonetics
    "ɑa ɐa əe ɛe ɡg ɢg ʜh ɪi ɩi ıi ʟl ɴn ʀr ʏy ʙb ɦh ƅb ɓb ƈc ɗd ɖd ƒf ɠg ƙk łl ɱm ɳn øo ɵo đd ħh ŧt ʂs ʈt ʋv ʍm ʐz ƶz "
    "ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜰf ꜱs æae œoe "
    # Cherokee
    "Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꮢr Ꮪs Ꭲt Ꮩv Ꮃw Ꮓz"
)

SIMPLIFIED = _pairs(
    "殺杀 賭赌 錢钱 買买 賣卖 發发 髮发 國国 學学 會会 個个 們们 這这 來来 時时 說说 話话 過过 還还 對对 開开 "
    "關关 見见 長长 東东 車车 馬马 鳥鸟 魚鱼 門门 問问 間间 聞闻 風风 飛飞 飯饭 愛爱 幹干 乾干 媽妈 罵骂 爾尔 "
    "嗎吗 麼么 為为 無无 與与 從从 後后 裡里 裏里 點点 電电 號号 碼码 詐诈 騙骗 貸贷 債债 財财 貨货 費费 資资 "
    "賺赚 賠赔 贏赢 輸输 購购 貴贵 賤贱 質质 價价 優优 廣广 廢废 廁厕 龍龙 龜龟 雞鸡 豬猪 貓猫 蟲虫 獸兽 鴨鸭 "
    "體体 腦脑 臉脸 醜丑 惡恶 惱恼 戀恋 懶懒 瘋疯 癡痴 偽伪 僞伪 傷伤 傳传 億亿 儀仪 兩两 刪删 別别 劃划 劇剧 "
    "動动 務务 勝胜 勞劳 勢势 區区 協协 單单 廠厂 歷历 壓压 參参 雙双 變变 葉叶 嘆叹 員员 啟启 圖图 團团 場场 "
    "塊块 壞坏 聲声 處处 備备 復复 頭头 誇夸 奪夺 奮奋 婦妇 嬌娇 娛娱 寶宝 實实 寫写 將将 專专 尋寻 導导 層层 "
    "屬属 歲岁 島岛 帥帅 師师 帳帐 帶带 幫帮 庫库 應应 廟庙 張张 彈弹 強强 當当 錄录 徹彻 態态 總总 恥耻 戰战 "
    "戲戏 戶户 撲扑 執执 擴扩 掃扫 擾扰 擔担 據据 擊击 換换 搶抢 護护 報报 擬拟 擁拥 擇择 擠挤 揮挥 損损 搖摇 "
    "數数 斷断 舊旧 曠旷 顯显 術术 機机 權权 條条 極极 構构 槍枪 標标 樣样 橋桥 檢检 樓楼 樂乐 歡欢 殘残 毆殴 "
    "毀毁 氣气 漢汉 湯汤 溝沟 沒没 淚泪 淨净 渾浑 漲涨 滅灭 燈灯 災灾 煩烦 燒烧 熱热 爛烂 犧牺 猶犹 獨独 獎奖 "
    "環环 現现 畫画 療疗 癮瘾 監监 盜盗 禮礼 種种 積积 稱称 窮穷 競竞 筆笔 簡简 籤签 糞粪 紅红 約约 級级 紀纪 "
    "純纯 紙纸 線线 組组 結结 給给 絕绝 統统 網网 繼继 續续 維维 綠绿 罰罚 聯联 職职 聽听 腎肾 腫肿 膽胆 蘇苏 "
    "藥药 補补 裝装 複复 視视 覺觉 觀观 計计 訂订 認认 討讨 讓让 議议 記记 講讲 許许 論论 設设 訪访 證证 評评 "
    "識识 訴诉 詞词 試试 詩诗 誠诚 該该 詳详 語语 誤误 請请 諸诸 課课 誰谁 調调 談谈 謀谋 謊谎 謝谢 謠谣 譯译 "
    "貧贫 貪贪 負负 責责 賬账 贓赃 趕赶 趙赵 跡迹 踐践 軍军 軟软 輕轻 輪轮 轉转 辦办 農农 運运 進进 遠远 違违 "
    "連连 遲迟 適适 選选 遞递 邏逻 遺遗 郵邮 鄰邻 釋释 針针 釣钓 鈔钞 銀银 銷销 鎖锁 鍋锅 鐵铁 鏡镜 鐘钟 鬧闹 "
    "閒闲 陰阴 陽阳 階阶 際际 陸陆 隊队 險险 隨随 隱隐 難难 離离 靈灵 靜静 頂顶 項项 順顺 須须 頑顽 頓顿 領领 "
    "頻频 題题 顏颜 額额 類类 願愿 顧顾 饑饥 餓饿 餘余 館馆 騎骑 騷骚 驅驱 驗验 驚惊 鬥斗 魯鲁 鮮鲜 麗丽 麥麦 "
    "黃黄 黨党 齊齐 齒齿 蕩荡 妳你 屍尸 姦奸 滾滚 "
)
