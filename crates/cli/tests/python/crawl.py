"""Scrapy as its manual sets it up for a polite crawl, following every link.

    python3 crawl.py START SECONDS CACHE

Waits SECONDS between two fetches from one host, keeps what it fetched in CACHE and asks again with the validators it was given.
"""

import sys

from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule


class Spider(CrawlSpider):
    name = "echosphere-test"
    rules = [Rule(LinkExtractor(), follow=True)]


def main(start, seconds, cache):
    process = CrawlerProcess(
        {
            "AUTOTHROTTLE_ENABLED": True,
            "AUTOTHROTTLE_START_DELAY": float(seconds),
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": float(seconds),
            "DOWNLOAD_DELAY_JITTER": 0,
            "HTTPCACHE_DIR": cache,
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
            "LOG_LEVEL": "WARNING",
            "ROBOTSTXT_OBEY": True,
            "TELNETCONSOLE_ENABLED": False,
            "USER_AGENT": "echosphere-test",
        }
    )
    process.crawl(Spider, start_urls=[start])
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
