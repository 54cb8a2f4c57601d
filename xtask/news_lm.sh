#!/usr/bin/env bash
# Makes models/news.lm and measures it on text that it was not made from.
#
# usage: news_lm.sh TEXTS WORK OUT
#
# TEXTS holds the packed texts named below, a paragraph a line. Of every 4,000
# lines a hundred are kept apart, in WORK/held; the rest goes into the model.
# The shares keep the mixture near a newspaper's: all news, little law and prose.
set -euo pipefail
texts=$1 work=$2 out=$3
jiaokan=${JIAOKAN:-target/release/jiaokan}

mixture=(
    cctvweb_2025 zaobao_realtime daily60s wmt_news_zh campus_gking campus_hugowebs campus_mywebs
    fudan_newspaper thucnews_titles fewclue_tnews policy_govcn xwlb_2012-2025_chinadata xwlb_2022-2025
    bedtime_daily bedtime_main=0.4 bedtime_reference=0.4 c3=0.5 fewclue_chid cmrc2018_wiki
    fudan_journals=0.1 laws=0.02
)

mkdir -p "$work/train" "$work/held"
given=()
for one in "${mixture[@]}"; do
    name=${one%%=*} share=
    [[ $one == *=* ]] && share="=${one##*=}"
    zstd -dcq "$texts/$name.txt.zst" | awk 'int((NR - 1) / 100) % 40 != 17' >"$work/train/$name.txt"
    zstd -dcq "$texts/$name.txt.zst" | awk 'int((NR - 1) / 100) % 40 == 17' >"$work/held/$name.txt"
    given+=(--text "$work/train/$name.txt$share")
done
"$jiaokan" lm build "${given[@]}" --order 5 --size 12 --min-char 3 --min-count 1,1,2,3,3 -o "$out"
for name in campus_hugowebs campus_gking fudan_newspaper zaobao_realtime xwlb_2022-2025 bedtime_main laws; do
    "$jiaokan" lm eval "$out" --text "$work/held/$name.txt"
done
