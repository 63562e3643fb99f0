// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// A dollar for local EVM nodes. `token.json` beside this file holds the output of solc (0.8.37, optimizer on,
// evmVersion paris, no metadata), so that nobody needs a compiler.

contract Token {
    string public name = "USD Coin";
    string public symbol = "USDC";
    uint8 public constant decimals = 6;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function mint(address to, uint256 value) external {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}
