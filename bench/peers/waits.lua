-- Each request asks for other rows of PATH, so that no result of an earlier one answers it. START: where to begin.
local at, path = tonumber(os.getenv("START") or "0"), os.getenv("PATH_OF")

request = function()
  at = at + 1
  return wrk.format("GET", path .. "?from=" .. at)
end
