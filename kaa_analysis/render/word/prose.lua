-- Parse prose, which arrives unparsed and marked with its reader, without letting any markup of its own through, and name the pictures we drew.

local MARKUP = "openxml"

local function nothing()
  return {}
end

local rules = {
  RawBlock = nothing,
  RawInline = nothing,
  Image = function(image) return image.caption end,
  Header = function(header)
    header.level = math.max(header.level - 1, 1)
    return header
  end,
  Link = function(link)
    local known = link.target:match("^https?://") or link.target:match("^mailto:")
    return known and link or link.content
  end,
}

local function drawn(image)
  local kind, content = pandoc.mediabag.fetch(image.src)
  image.src = image.attributes.file
  image.attributes.file = nil
  pandoc.mediabag.insert(image.src, kind, content)
  return image
end

local function prose(block)
  if block.format ~= MARKUP then
    return pandoc.read(block.text, block.format).blocks:walk(rules)
  end
end

return { { Image = drawn }, { RawBlock = prose } }
